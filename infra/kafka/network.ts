import { aws_ec2 as ec2, type aws_kms as kms, type aws_logs as logs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { serviceLog } from '../service-log.ts';
import type { KafkaNetwork } from './kafka-cluster.ts';

export interface NetworkProps {
  readonly encryptionKey: kms.IKey;
  readonly logRetention: logs.RetentionDays;
  /** One that is there; a new one without a way to the internet by default. */
  readonly vpc?: ec2.IVpc | undefined;
}

/** Port of MSK's brokers with IAM. Source: Amazon MSK Developer Guide, "Port information". */
const IAM_PORT = 9098;

/**
 * Where the brokers are. Nothing in it reaches the internet: what functions and pollers call of AWS they call through
 * endpoints, which cost by the hour, a NAT gateway more.
 */
export class Network extends Construct implements KafkaNetwork {
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.SubnetSelection;
  /** Of produce, provision and the pollers. */
  readonly clients: ec2.SecurityGroup;
  /** Of the brokers. */
  readonly brokers: ec2.SecurityGroup;

  constructor(scope: Construct, id: string, { encryptionKey, logRetention, vpc }: NetworkProps) {
    super(scope, id);
    this.vpc = vpc ?? (this.newVpc(encryptionKey, logRetention) as ec2.IVpc);
    this.subnets = vpc === undefined ? { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } : {};
    this.clients = this.securityGroup('Clients', 'Functions and pollers that talk to Kafka');
    this.brokers = this.securityGroup('Brokers', 'Kafka brokers');
    this.clients.addEgressRule(this.brokers, ec2.Port.tcp(IAM_PORT), 'Kafka');
    this.brokers.addIngressRule(this.clients, ec2.Port.tcp(IAM_PORT), 'Kafka');
    // An event source mapping's pollers stand in the brokers' own security groups.
    this.brokers.addIngressRule(this.brokers, ec2.Port.tcp(IAM_PORT), 'Pollers of event source mappings');
    this.brokers.addEgressRule(this.brokers, ec2.Port.tcp(IAM_PORT), 'Pollers of event source mappings');
    if (vpc === undefined) this.addEndpoints();
  }

  private newVpc(encryptionKey: kms.IKey, retention: logs.RetentionDays): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 3,
      natGateways: 0,
      subnetConfiguration: [{ name: 'kafka', subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }],
    });
    const logGroup = serviceLog(this, 'FlowLog', { encryptionKey, retention });
    vpc.addFlowLog('Flow', { destination: ec2.FlowLogDestination.toCloudWatchLogs(logGroup) });
    return vpc;
  }

  /**
   * Glue for schemas, Secrets Manager for keys, S3 for failed events; Lambda and STS for the pollers.
   * Source: AWS Lambda Developer Guide, "Configuring network access for Amazon MSK event source mappings".
   */
  private addEndpoints(): void {
    const services = {
      Glue: ec2.InterfaceVpcEndpointAwsService.GLUE,
      Lambda: ec2.InterfaceVpcEndpointAwsService.LAMBDA,
      SecretsManager: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
      Sts: ec2.InterfaceVpcEndpointAwsService.STS,
    };
    const endpoints = this.securityGroup('Endpoints', 'Endpoints of AWS services');
    for (const callers of [this.clients, this.brokers]) {
      endpoints.addIngressRule(callers, ec2.Port.tcp(443), 'AWS services');
      callers.addEgressRule(endpoints, ec2.Port.tcp(443), 'AWS services');
    }
    for (const [id, service] of Object.entries(services)) {
      this.vpc.addInterfaceEndpoint(`${id}Endpoint`, {
        service,
        subnets: this.subnets,
        securityGroups: [endpoints],
        open: false,
      });
    }
    this.vpc.addGatewayEndpoint('S3Endpoint', {
      service: ec2.GatewayVpcEndpointAwsService.S3,
      subnets: [this.subnets],
    });
    // S3's addresses are a list that differs by Region; no other way leads out.
    for (const callers of [this.clients, this.brokers]) {
      callers.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'S3, by its gateway endpoint');
    }
  }

  private securityGroup(id: string, description: string): ec2.SecurityGroup {
    return new ec2.SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }
}

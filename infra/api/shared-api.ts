import { createHash } from 'node:crypto';
import {
  ArnFormat,
  aws_apigateway as apigateway,
  type CfnResource,
  type aws_kms as kms,
  Lazy,
  type aws_logs as logs,
  NestedStack,
  Stack,
} from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';
import { deriveGatewayResponses } from '../../src/derive/gateway-responses.ts';
import { PROBLEM_TYPE } from '../../src/derive/problem.ts';
import { acknowledge } from '../acknowledge.ts';
import { serviceLog } from '../service-log.ts';
import { ACCESS_LOG_FORMAT } from './access-log.ts';
import { type Auth, JSON_TYPE } from './event-method.ts';
import { Firewall } from './firewall.ts';
import { UNKNOWN_TYPES, unknownTypes } from './unknown-types.ts';

/** Requests a second, and how many at once. */
export interface Throttle {
  readonly rateLimit: number;
  readonly burstLimit: number;
}

export interface SharedApiProps {
  /** Such as `dev` or `prod`; also the name of the API's stage. */
  readonly stage: string;
  /** Of each route that has none of its own, and of each API key; DEFAULT_THROTTLE by default. */
  readonly throttle?: Throttle | undefined;
  /** How senders prove who they are. */
  readonly auth: Auth;
  /** A web application firewall before the API. */
  readonly waf: boolean;
  readonly logRetention: logs.RetentionDays;
  /** Of the logs; its policy must let CloudWatch Logs use it. */
  readonly encryptionKey: kms.IKey;
}

/** What is deployed of an event type. */
export interface AddedType {
  readonly eventType: string;
  /** The stack of its routes. */
  readonly stack: Stack;
  /** Another text where its routes have changed. */
  readonly contents: string;
  readonly throttle?: Throttle | undefined;
}

/** Half of what an account may take in a Region unless it asks for more: another API is left its share. */
export const DEFAULT_THROTTLE: Throttle = { rateLimit: 5_000, burstLimit: 2_500 };

/** What CDK gives the role by which API Gateway writes logs: one for the whole account. */
const LOGGING_POLICY = 'service-role/AmazonAPIGatewayPushToCloudWatchLogs';

/** The part of the API that all event types share: everything but their routes. */
export class SharedApi extends Construct {
  readonly api: apigateway.RestApi;
  /** `/events`, below which each event type has its routes. */
  readonly events: apigateway.IResource;
  /** Checks bodies by the models of their methods. */
  readonly validator: apigateway.IRequestValidator;
  readonly auth: Auth;
  readonly stageName: string;
  private readonly types: AddedType[] = [];
  private readonly deployment: apigateway.CfnDeployment;
  private readonly throttle: Throttle;

  constructor(scope: Construct, id: string, props: SharedApiProps) {
    super(scope, id);
    const { stage, auth, throttle = DEFAULT_THROTTLE } = props;
    this.auth = auth;
    this.stageName = stage;
    this.throttle = throttle;
    const name = `sluice-${stage}`;
    this.api = new apigateway.RestApi(this, 'Api', {
      restApiName: name,
      description: 'Takes events; 202 means that one is durable',
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      // The deployment is made here: it must wait for stacks of which CDK's own knows nothing.
      deploy: false,
      cloudWatchRole: true,
    });
    acknowledge(this.api, {
      [`AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${LOGGING_POLICY}]`]:
        'The policy is made by AWS for this one use: an API that writes its logs',
    });
    this.events = this.api.root.addResource('events');
    this.validator = this.api.addRequestValidator('Body', {
      requestValidatorName: 'body',
      validateRequestBody: true,
      // No parameter must be there.
      validateRequestParameters: true,
    });
    this.deployment = this.deploy([...this.answers(), ...unknownTypes(this.events, auth), this.validator]);
    const deployed = this.stage(props);
    if (auth === 'api-key') this.plan(name, deployed);
    if (props.waf) {
      const { partition, region } = Stack.of(this);
      const stageArn = `arn:${partition}:apigateway:${region}::/restapis/${this.api.restApiId}/stages/${deployed.ref}`;
      new Firewall(this, 'Firewall', { name, stageArn });
    } else {
      acknowledge(deployed, { 'AwsSolutions-APIG3': 'The firewall is an option: each of its requests is paid for' });
    }
  }

  /** Deploys the routes of an event type with all the others, once its stack is there. */
  addType(type: AddedType): void {
    this.types.push(type);
    const { stack } = type;
    // In a stack of its own, nothing of the parent's can wait for anything but the whole.
    const whole = stack instanceof NestedStack ? stack.nestedStackResource : undefined;
    if (whole === undefined) throw new TypeError(`${type.eventType}: its routes must be in a nested stack`);
    this.deployment.addResourceDependency(whole as CfnResource);
  }

  private answers(): Construct[] {
    return deriveGatewayResponses(this.auth).map(
      ({ type, status, body }) =>
        new apigateway.CfnGatewayResponse(this, `Answer${type}`, {
          restApiId: this.api.restApiId,
          responseType: type,
          statusCode: String(status),
          responseParameters: {
            'gatewayresponse.header.Content-Type': `'${PROBLEM_TYPE}'`,
            ...(status === 503 || status === 429 ? { 'gatewayresponse.header.Retry-After': "'1'" } : {}),
          },
          responseTemplates: { [JSON_TYPE]: body },
        }),
    );
  }

  /**
   * A deployment is a copy of the API as it is then, and never changes. So its logical id follows what is in it: where
   * that changes, CloudFormation makes another one, after everything that it is a copy of.
   */
  private deploy(parts: readonly IDependable[]): apigateway.CfnDeployment {
    const deployment = new apigateway.CfnDeployment(this, 'Deployment', { restApiId: this.api.restApiId });
    const contents = (): string => {
      const types = this.types.map(({ eventType, contents: of }) => `${eventType} ${of}`).sort();
      const all = JSON.stringify([deriveGatewayResponses(this.auth), this.auth, UNKNOWN_TYPES, types]);
      return createHash('sha256').update(all).digest('hex').slice(0, 16);
    };
    const id = Stack.of(this).getLogicalId(deployment);
    deployment.overrideLogicalId(Lazy.uncachedString({ produce: () => `${id}${contents()}` }));
    deployment.node.addDependency(...parts);
    return deployment;
  }

  private stage({ stage, encryptionKey, logRetention }: SharedApiProps): apigateway.CfnStage {
    const stored = { encryptionKey, retention: logRetention };
    const log = serviceLog(this, 'AccessLog', stored);
    // API Gateway would make it itself, to keep it for ever and without the key.
    const errors = serviceLog(this, 'ExecutionLog', {
      ...stored,
      logGroupName: `API-Gateway-Execution-Logs_${this.api.restApiId}/${stage}`,
    });
    const deployed = new apigateway.CfnStage(this, 'Stage', {
      restApiId: this.api.restApiId,
      deploymentId: this.deployment.ref,
      stageName: stage,
      tracingEnabled: true,
      accessLogSetting: {
        destinationArn: Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: log.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
        format: ACCESS_LOG_FORMAT,
      },
      methodSettings: Lazy.any({ produce: () => this.methodSettings() }),
    });
    deployed.node.addDependency(errors, this.api.node.findChild('Account'));
    return deployed;
  }

  private methodSettings(): apigateway.CfnStage.MethodSettingProperty[] {
    const limited = ({ rateLimit, burstLimit }: Throttle, resourcePath: string, httpMethod: string) => ({
      resourcePath,
      httpMethod,
      throttlingRateLimit: rateLimit,
      throttlingBurstLimit: burstLimit,
      metricsEnabled: true,
      loggingLevel: 'ERROR',
      // It would log bodies.
      dataTraceEnabled: false,
    });
    const routes = this.types.flatMap(({ eventType, throttle }) => {
      if (throttle === undefined) return [];
      const paths = [`/events/${eventType}`, `/events/${eventType}/batch`];
      return paths.map((path) => limited(throttle, `/${path.replaceAll('/', '~1')}`, 'POST'));
    });
    return [limited(this.throttle, '/*', '*'), ...routes];
  }

  /** One key to begin with; each sender should be given one of its own. */
  private plan(name: string, stage: apigateway.CfnStage): void {
    const { rateLimit, burstLimit } = this.throttle;
    const plan = new apigateway.CfnUsagePlan(this, 'Plan', {
      usagePlanName: name,
      description: 'Senders of events',
      apiStages: [{ apiId: this.api.restApiId, stage: stage.ref }],
      throttle: { rateLimit, burstLimit },
    });
    const key = new apigateway.CfnApiKey(this, 'Key', { name, description: 'Sends events', enabled: true });
    new apigateway.CfnUsagePlanKey(this, 'PlanKey', { keyId: key.ref, keyType: 'API_KEY', usagePlanId: plan.ref });
  }
}

import { createHash } from 'node:crypto';
import {
  Annotations,
  aws_apigateway as apigateway,
  aws_iam as iam,
  type aws_kms as kms,
  type aws_lambda as lambda,
  Stack,
  type aws_sqs as sqs,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { deriveMappingTemplates } from '../../src/derive/mapping-template.ts';
import { deriveDeployedModel, MAX_MODEL_BYTES } from '../../src/derive/model-size.ts';
import { modelName } from '../../src/derive/names.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { acknowledgeAuth } from './acknowledge-auth.ts';
import { batchMethod, eventMethod, JSON_TYPE } from './event-method.ts';
import type { AddedType, SharedApi, Throttle } from './shared-api.ts';

export interface TypeApiProps {
  readonly shared: SharedApi;
  readonly history: SchemaHistory;
  readonly queue: sqs.IQueue;
  /** What the queue is encrypted with; the queue's own key by default, where it has one. */
  readonly queueKey?: kms.IKey;
  /** Serves batches. */
  readonly accept: lambda.IFunction;
  /** Of each of the two routes; that of the stage by default. */
  readonly throttle?: Throttle | undefined;
}

/**
 * The routes of one event type. Everything is in the stack that it is made in, and nothing in it depends on which other
 * event types there are. `SharedApi.addType` must be told of it.
 */
export class TypeApi extends Construct implements AddedType {
  readonly eventType: string;
  readonly stack: Stack;
  readonly throttle: Throttle | undefined;
  /** A digest of what is deployed: another one asks for another deployment. */
  readonly contents: string;

  constructor(scope: Construct, id: string, props: TypeApiProps) {
    super(scope, id);
    const { shared, history, queue, accept } = props;
    const { eventType } = history;
    const { auth } = shared;
    this.eventType = eventType;
    this.stack = Stack.of(this);
    this.throttle = props.throttle;
    const { partition, region, account } = this.stack;
    const { restApiId } = shared.api;

    const { model, without } = deriveDeployedModel(history);
    if (without !== 'nothing') warn(this, eventType, without);
    const deployed = new apigateway.CfnModel(this, 'Model', {
      restApiId,
      name: modelName(eventType),
      description: `Contract ${history.digest}`,
      contentType: JSON_TYPE,
      schema: model,
    });

    const resource = new apigateway.CfnResource(this, 'Resource', {
      restApiId,
      parentId: shared.events.resourceId,
      pathPart: eventType,
    });
    const batch = new apigateway.CfnResource(this, 'Batch', {
      restApiId,
      parentId: resource.ref,
      pathPart: 'batch',
    });

    const templates = deriveMappingTemplates(history);
    const role = this.sender(queue, props.queueKey ?? queue.encryptionMasterKey);
    const integration = `arn:${partition}:apigateway:${region}`;
    const event = new apigateway.CfnMethod(this, 'Event', {
      restApiId,
      resourceId: resource.ref,
      ...eventMethod({
        auth,
        templates,
        modelName: deployed.ref,
        validatorId: shared.validator.requestValidatorId,
        queueUri: `${integration}:sqs:path/${account}/${queue.queueName}`,
        roleArn: role.roleArn,
      }),
    });
    const many = new apigateway.CfnMethod(this, 'Events', {
      restApiId,
      resourceId: batch.ref,
      ...batchMethod({
        auth,
        functionUri: `${integration}:lambda:path/2015-03-31/functions/${accept.functionArn}/invocations`,
      }),
    });
    accept.addPermission('Api', {
      scope: this,
      principal: new iam.ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: shared.api.arnForExecuteApi('POST', `/events/${eventType}/batch`, shared.stageName),
    });
    for (const method of [event, many]) acknowledgeAuth(method, auth);
    this.contents = digest({
      eventType,
      model,
      event: eventMethod({ auth, templates, modelName: '', validatorId: '', queueUri: '', roleArn: '' }),
      events: batchMethod({ auth, functionUri: '' }),
    });
  }

  /** The role by which API Gateway sends into this one queue. */
  private sender(queue: sqs.IQueue, key: kms.IKey | undefined): iam.Role {
    const statements = [new iam.PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] })];
    if (key !== undefined) {
      // SQS has the key make data keys, and read them again, for whoever sends.
      const actions = ['kms:Decrypt', 'kms:GenerateDataKey'];
      statements.push(new iam.PolicyStatement({ actions, resources: [key.keyArn] }));
    }
    return new iam.Role(this, 'Sender', {
      description: 'API Gateway sends events into one queue',
      assumedBy: new iam.ServicePrincipal('apigateway.amazonaws.com'),
      inlinePolicies: { Send: new iam.PolicyDocument({ statements }) },
    });
  }
}

function warn(scope: Construct, eventType: string, without: 'descriptions' | 'fields'): void {
  const what =
    without === 'fields'
      ? 'so API Gateway takes any JSON object; what the schema does not allow becomes a failed event'
      : 'so it is deployed without the descriptions of its fields; it judges the same';
  Annotations.of(scope).addWarningV2(
    `sluice:model-${without}`,
    `${eventType}: its request model is over ${MAX_MODEL_BYTES} bytes, ${what}`,
  );
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/**
 * What AWS hands to functions and expects back, as far as it is read here.
 *
 * Types of our own: those that are published say of some members that they are always there, and they are not.
 */

/** The second argument of every handler. Source: Lambda Developer Guide, "Using the Lambda context object". */
export interface LambdaContext {
  /** Milliseconds until the invocation is cut off. */
  getRemainingTimeInMillis(): number;
}

/**
 * A request of API Gateway by its Lambda proxy integration.
 * Source: API Gateway Developer Guide, "Lambda proxy integrations", input format.
 */
export interface ProxyEvent {
  /** As the client spelt their names; the last value of each. */
  readonly headers: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>> | null;
  readonly multiValueQueryStringParameters?: Readonly<Record<string, readonly string[] | undefined>> | null;
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
  readonly requestContext: { readonly requestId: string };
}

/** Source: the same guide, output format. */
export interface ProxyAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

/** Source: Lambda Developer Guide, "Using Lambda with Amazon SQS". */
export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

export interface SqsRecord {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: {
    /** Epoch milliseconds. */
    readonly SentTimestamp: string;
    readonly ApproximateReceiveCount: string;
  };
  readonly messageAttributes: Readonly<Record<string, { readonly stringValue?: string | undefined } | undefined>>;
}

/** What is to be received again. An empty list is success. */
export interface BatchAnswer<Identifier> {
  readonly batchItemFailures: readonly { readonly itemIdentifier: Identifier }[];
}

/** Source: Lambda Developer Guide, "Using Lambda with Amazon MSK", and "partial batch responses" for what it answers. */
export interface KafkaEvent {
  /** By `<topic>-<partition>`; in offset order. */
  readonly records: Readonly<Record<string, readonly KafkaRecord[]>>;
}

export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  /** Base64; absent, or null, where the record has none. */
  readonly key?: string | null;
  readonly value?: string | null;
  /** One header an object; its bytes may be signed, -128 to 127. */
  readonly headers?: readonly Readonly<Record<string, readonly number[] | null>>[] | null;
}

/** The first record that is to be read again of a partition; those after it come again, too. */
export interface KafkaIdentifier {
  /** `<topic>-<partition>`, the key of its records in the event. */
  readonly partition: string;
  readonly offset: number;
}

/**
 * What the provider framework of AWS CDK's custom resources hands to `onEvent`. CloudFormation makes a text of every
 * number and boolean among the properties.
 * Source: the API reference of aws-cdk-lib/custom-resources, "Provider Framework".
 */
export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** That of the last answer; absent for Create. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

export interface CustomResourceAnswer {
  /** Another one than before makes CloudFormation delete the former resource. */
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

import type { AwsCall } from './aws-call.ts';
import type { DeployedType } from './aws-pipeline.ts';
import type { ServiceProxy } from './service-proxy.ts';

type Answer = Awaited<ReturnType<ServiceProxy['fault']>>;

/**
 * What goes wrong with one call: `throttled` and `unavailable` are answers of the service, `hang` is none ever, and with
 * `lose` the service does its work and its answer is lost. A function makes an answer of its own.
 */
export type Fault =
  | 'throttled'
  | 'unavailable'
  | 'hang'
  | 'lose'
  | ((call: AwsCall, body: string) => Answer | Promise<Answer>);

/** Who calls what: the function, and the action as IAM knows it. What Lambda polls, it polls as the function. */
export type PlannedCall = `${keyof DeployedType['functions']} ${string}:${string}`;

/** Faults of one call after the other; after the last one, all is well. */
export type FaultPlan = Readonly<Partial<Record<PlannedCall, readonly Fault[]>>>;

/**
 * How each service says that it is asked too much. Sources: Amazon SQS API Reference, "SendMessageBatch"; Amazon Data
 * Firehose API Reference, "PutRecordBatch"; Amazon S3 API Reference, "Error responses"; for the others, "Common errors".
 */
const THROTTLED: Readonly<Record<string, Answer>> = {
  sqs: failure(400, 'RequestThrottled'),
  firehose: failure(500, 'ServiceUnavailableException'),
  s3: { status: 503, body: '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>' },
  glue: failure(400, 'ThrottlingException'),
  secretsmanager: failure(400, 'ThrottlingException'),
};

/**
 * Plays a plan with the functions of an event type.
 *
 * @returns what has not happened yet, a planned call each; nothing once all of the plan was played.
 */
export function playFaults(
  plan: FaultPlan,
  { functions }: Pick<DeployedType, 'functions'>,
  proxies: readonly ServiceProxy[],
): () => PlannedCall[] {
  const left = new Map(
    Object.entries(plan).map(([planned, faults = []]) => {
      const [name, action] = planned.split(' ') as [keyof DeployedType['functions'], string];
      return [`${functions[name].name} ${action}`, { planned: planned as PlannedCall, faults: [...faults] }];
    }),
  );
  const fault = (call: AwsCall, body: string): Answer | Promise<Answer> => {
    const next = left.get(`${call.caller} ${call.action}`)?.faults.shift();
    if (typeof next === 'function') return next(call, body);
    if (next === 'throttled') return THROTTLED[call.action.split(':')[0]!];
    return next === 'unavailable' ? failure(503, 'ServiceUnavailable') : next;
  };
  for (const proxy of proxies) proxy.fault = fault;
  return () => [...left.values()].flatMap(({ planned, faults }) => faults.map(() => planned));
}

/** An error in the form of AWS's JSON protocols. */
function failure(status: number, name: string): { readonly status: number; readonly body: unknown } {
  return { status, body: { __type: name, message: 'asked for by the test' } };
}

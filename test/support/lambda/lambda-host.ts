import { randomUUID } from 'node:crypto';
import { MOTO_REGION } from '../moto.ts';
import { type ExecutionEnvironment, MAX_PAYLOAD_BYTES, startEnvironment } from './execution-environment.ts';
import { FunctionError } from './function-error.ts';

/** moto's account. */
export const ACCOUNT = '123456789012';

export interface FunctionOptions {
  /** As it is called on AWS. */
  readonly name: string;
  /** Folder of its bundle. */
  readonly taskRoot: string;
  /** Variables that the infrastructure gives it. */
  readonly variables: Readonly<Record<string, string>>;
  /** 30 s by default. */
  readonly timeoutMs?: number;
  /** Stops the process between invocations, as Lambda does. */
  readonly freezes?: boolean;
}

/** A Lambda function on this machine: the real bundle in a process of its own, and nothing of it shared with the test. */
export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  /** What it has written so far, a line each. */
  readonly logs: readonly string[];
  /** Process ids of all execution environments that it has had; those before the last are gone. */
  readonly pids: readonly number[];
  /**
   * Invokes it and waits for its answer. Like a function with a reserved concurrency of one, it has one invocation at a
   * time; the others wait. A process that has ended is replaced.
   *
   * @throws FunctionError what its handler threw, a time-out, or how its process ended.
   */
  invoke(event: unknown): Promise<unknown>;
  /** Kills the process that has it now, in whatever it is doing. */
  kill(): void;
  /** Ends it; resolves when no process of it is left. */
  close(): Promise<void>;
}

/** Deploys a function on this machine. It is loaded at its first invocation. */
export function deployFunction(options: FunctionOptions): LambdaFunction {
  const { name, taskRoot, timeoutMs = 30_000, freezes = false } = options;
  const arn = `arn:aws:lambda:${MOTO_REGION}:${ACCOUNT}:function:${name}`;
  const logs: string[] = [];
  const pids: number[] = [];
  const variables = { ...variablesOf(name), ...options.variables };
  let environment: ExecutionEnvironment | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;

  const warm = async (): Promise<ExecutionEnvironment> => {
    if (environment?.isAlive()) return environment;
    await environment?.end();
    if (isClosed) throw new FunctionError('ResourceNotFoundException', `${name} is not deployed any more`);
    environment = await startEnvironment({
      taskRoot,
      handler: 'index.handler',
      functionArn: arn,
      variables,
      timeoutMs,
      log: (line) => logs.push(line),
    });
    pids.push(environment.pid);
    return environment;
  };
  const run = async (payload: string): Promise<unknown> => {
    const running = await warm();
    try {
      return JSON.parse(await running.invoke(randomUUID(), payload));
    } finally {
      if (freezes && running.isAlive()) running.freeze();
    }
  };

  return {
    name,
    arn,
    logs,
    pids,
    invoke(event) {
      const payload = JSON.stringify(event);
      if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
        const message = `${Buffer.byteLength(payload)} bytes; an invocation takes ${MAX_PAYLOAD_BYTES}`;
        return Promise.reject(new FunctionError('RequestTooLargeException', message));
      }
      const answer = last.then(() => run(payload));
      last = answer.catch(() => {});
      return answer;
    },
    kill() {
      if (environment?.isAlive()) process.kill(environment.pid, 'SIGKILL');
    },
    async close() {
      isClosed = true;
      await environment?.end();
      await last;
    },
  };
}

/**
 * What Lambda sets by itself. The access key is the function's name: whoever gets a signed request can tell who sent it.
 * Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
 */
function variablesOf(name: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_REGION: MOTO_REGION,
    AWS_DEFAULT_REGION: MOTO_REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/01/01/[$LATEST]0',
    AWS_ACCESS_KEY_ID: name,
    AWS_SECRET_ACCESS_KEY: 'any',
    AWS_SESSION_TOKEN: 'any',
  };
}

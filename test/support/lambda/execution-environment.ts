import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FunctionError } from './function-error.ts';

/** Milliseconds that a function gets to load; Lambda's ten, and as much again for a machine that does other things. */
const INIT_MS = 20_000;
/** Lambda's limit for what a synchronous invocation sends and answers, in bytes of JSON. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** One process that runs a function, with the Runtime API that it asks. It has one invocation at a time. */
export interface ExecutionEnvironment {
  readonly pid: number;
  /** False once the process has ended, or is about to. */
  readonly isAlive: () => boolean;
  /**
   * @param payload the event as JSON.
   * @returns what the handler answered, as JSON.
   * @throws FunctionError what the handler threw, or how its process ended.
   */
  invoke(requestId: string, payload: string): Promise<string>;
  /** Lambda stops the processes of an environment between invocations. */
  freeze(): void;
  /** Kills the process and frees the port; resolves when both are gone. */
  end(): Promise<void>;
}

export interface EnvironmentOptions {
  /** Folder of the function's code. */
  readonly taskRoot: string;
  /** Such as `index.handler`. */
  readonly handler: string;
  readonly functionArn: string;
  /** All of them: the process inherits none. */
  readonly variables: Readonly<Record<string, string>>;
  /** After which an invocation is ended with its process. */
  readonly timeoutMs: number;
  /** Receives what the function writes, a line at a time. */
  readonly log: (line: string) => void;
}

/** Starts an execution environment; its first invocation waits until the function is loaded. */
export async function startEnvironment(options: EnvironmentOptions): Promise<ExecutionEnvironment> {
  const { taskRoot, handler, functionArn, variables, timeoutMs, log } = options;
  const idle = waiter<ServerResponse>();
  let answered: PromiseWithResolvers<string> | undefined;
  let isFrozen = false;

  const serve = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const path = from.url?.replace('/2018-06-01/runtime/', '') ?? '';
    if (from.method === 'GET' && path === 'invocation/next') {
      idle.give(to);
      return;
    }
    const body = await textOf(from);
    to.writeHead(202).end();
    if (path === 'init/error') idle.fail(thrownBy(body));
    else if (path.endsWith('/error')) answered?.reject(thrownBy(body));
    else if (Buffer.byteLength(body) <= MAX_PAYLOAD_BYTES) answered?.resolve(body);
    else answered?.reject(new FunctionError('Function.ResponseSizeTooLarge', `${Buffer.byteLength(body)} bytes`));
  };
  const server = createServer((from, to) => void serve(from, to).catch(() => to.destroy()));
  // A frozen process would not see that a connection was closed which it uses next.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'bootstrap.ts')], {
    cwd: taskRoot,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...variables, LAMBDA_TASK_ROOT: taskRoot, _HANDLER: handler, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
  });
  child.stdin!.on('error', () => {});
  for (const output of [child.stdout!, child.stderr!]) createInterface({ input: output }).on('line', log);
  let isAlive = true;
  const closed = new Promise<void>((resolve) => {
    child.once('error', (error) => log(error.message));
    child.once('close', (code, signal) => {
      isAlive = false;
      const ended = new FunctionError('Runtime.ExitError', `the process ended with ${signal ?? code}`);
      idle.fail(ended);
      answered?.reject(ended);
      resolve();
    });
  });

  const end = async (): Promise<void> => {
    isAlive = false;
    child.kill('SIGKILL');
    await closed;
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  const within = async <T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new FunctionError('Sandbox.Timedout', `${what} timed out after ${milliseconds / 1_000} seconds`));
    }, milliseconds);
    try {
      return await Promise.race([promise, late.promise]);
    } catch (error) {
      if (error instanceof FunctionError && error.type === 'Sandbox.Timedout') await end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    pid: child.pid!,
    isAlive: () => isAlive,
    async invoke(requestId, payload) {
      if (isFrozen) child.kill('SIGCONT');
      isFrozen = false;
      const next = await within(INIT_MS, 'Init', idle.take());
      const waiting = Promise.withResolvers<string>();
      answered = waiting;
      next.writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': requestId,
        'lambda-runtime-deadline-ms': String(Date.now() + timeoutMs),
        'lambda-runtime-invoked-function-arn': functionArn,
      });
      next.end(payload);
      try {
        return await within(timeoutMs, 'Task', waiting.promise);
      } finally {
        answered = undefined;
      }
    },
    freeze() {
      isFrozen = child.kill('SIGSTOP');
    },
    end,
  };
}

/** One value that is given before or after it is taken; a failure is for whoever takes next, and for all after. */
function waiter<T>() {
  let given: T | undefined;
  let taker: PromiseWithResolvers<T> | undefined;
  let failed: Error | undefined;
  return {
    give(value: T): void {
      if (taker === undefined) given = value;
      else taker.resolve(value);
      taker = undefined;
    },
    fail(error: Error): void {
      failed ??= error;
      taker?.reject(failed);
      taker = undefined;
    },
    async take(): Promise<T> {
      if (failed !== undefined) throw failed;
      if (given !== undefined) {
        const value = given;
        given = undefined;
        return value;
      }
      taker = Promise.withResolvers<T>();
      return taker.promise;
    },
  };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

function thrownBy(body: string): FunctionError {
  const { errorType = 'Unknown', errorMessage = body } = JSON.parse(body) as Record<string, string>;
  return new FunctionError(errorType, errorMessage);
}

import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// What Lambda's own Node.js runtime does inside of an execution environment: it loads the handler that `_HANDLER` names
// below `LAMBDA_TASK_ROOT`, and takes one invocation after the other from the Runtime API.
// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".

const { AWS_LAMBDA_RUNTIME_API = '', LAMBDA_TASK_ROOT = '', _HANDLER = '' } = process.env;

interface Answer {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Without a time limit: whoever waits for the next invocation may wait for hours. */
function ask(method: string, path: string, body = '', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = `http://${AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/${path}`;
    const asked = request(url, { method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.once('end', () => resolve({ headers: answer.headers, body: text }));
      answer.once('error', reject);
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

function failure(error: unknown): string {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return JSON.stringify({ errorType: name, errorMessage: message, trace: stack?.split('\n') });
}

const [file = '', member = ''] = _HANDLER.split('.');

async function load(): Promise<(event: unknown, context: object) => unknown> {
  const path = ['.mjs', '.js', '.cjs'].map((end) => join(LAMBDA_TASK_ROOT, file + end)).find(existsSync);
  if (path === undefined) throw new Error(`there is no ${file} in ${LAMBDA_TASK_ROOT}`);
  const loaded = await import(pathToFileURL(path).href);
  const handler = loaded[member] ?? loaded.default?.[member];
  if (typeof handler !== 'function') throw new Error(`${path} has no function ${member}`);
  return handler;
}

// The host holds the other end: without it, nobody is left to work for.
process.stdin.once('end', () => process.exit(0)).resume();

const handler = await load().catch(async (error) => {
  await ask('POST', 'init/error', failure(error), {
    'lambda-runtime-function-error-type': 'Runtime.ImportModuleError',
  });
  process.exit(1);
});

for (;;) {
  const { headers, body } = await ask('GET', 'invocation/next');
  const awsRequestId = String(headers['lambda-runtime-aws-request-id']);
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    const answer = await handler(JSON.parse(body), context);
    await ask('POST', `invocation/${awsRequestId}/response`, JSON.stringify(answer ?? null));
  } catch (error) {
    await ask('POST', `invocation/${awsRequestId}/error`, failure(error));
  }
}

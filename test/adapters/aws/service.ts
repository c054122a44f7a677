import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a service answers: JSON, with a status where it is no success; `undefined` cuts the connection. */
export type Answer = { readonly status?: number; readonly body: unknown } | undefined;

/** A request as it came. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** `X-Amz-Target` of AWS's JSON protocol. */
  readonly target: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: a request's JSON, as the test knows it.
  readonly body: any;
}

/**
 * A service on the loopback interface that speaks AWS's JSON protocols, for what moto cannot be made to answer. It is
 * gone when the test is over.
 *
 * @returns settings of a client that speaks to it, and the calls so far.
 */
export async function startService(answer: (call: Call, index: number) => Answer) {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const call = await callOf(request);
    calls.push(call);
    const answered = answer(call, calls.length - 1);
    if (answered === undefined) {
      request.socket.destroy();
      return;
    }
    const { status = 200, body } = answered;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  return { calls, endpoint, settings: { endpoint, credentials, region: 'eu-central-1', maxAttempts: 1 } };
}

async function callOf(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { method = '', url: path = '', headers } = request;
  return { method, path, target: headers['x-amz-target'] as string, body: text === '' ? undefined : JSON.parse(text) };
}

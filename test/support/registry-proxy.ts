import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server between an adapter and its registry, which counts requests and plays outages. */
export interface TestProxy {
  /** Its own address, without a path. */
  readonly origin: string;
  /** What was asked, oldest first: `GET /subjects`, or the AWS operation: `POST GetSchema`. */
  readonly asked: string[];
  /** What it does with a request: passes it on by default. */
  answer: Answering;
  /** Nobody listens any more; connections are cut. */
  down(): Promise<void>;
  /** Listens, at the same address as before. */
  up(): Promise<void>;
}

/**
 * An answer of its own; undefined to pass the request on. `hang` is none ever, `break` half of one, `stall` half of one
 * whose rest never comes, and `lose` passes the request on and cuts the connection in place of the answer.
 */
export type Answering = (what: string, body: string, headers: IncomingHttpHeaders) => Answer | Promise<Answer>;

type Answer = { readonly status: number; readonly body: unknown } | 'hang' | 'break' | 'stall' | 'lose' | undefined;

/** @param target origin that requests are passed on to */
export async function startProxy(target = 'http://127.0.0.1:1'): Promise<TestProxy> {
  const asked: string[] = [];
  const proxy: { answer: Answering } = { answer: () => undefined };
  const serve = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of from) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const operation = String(from.headers['x-amz-target'] ?? '').split('.')[1];
    const what = `${from.method} ${operation ?? from.url}`;
    asked.push(what);
    const own = await proxy.answer(what, body.toString(), from.headers);
    if (own === 'hang') return;
    if (own === 'break' || own === 'stall') {
      to.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{');
      if (own === 'break') setTimeout(() => to.destroy(), 10);
      return;
    }
    if (own !== undefined && own !== 'lose') {
      to.writeHead(own.status, { 'content-type': 'application/json' });
      to.end(typeof own.body === 'string' ? own.body : JSON.stringify(own.body));
      return;
    }
    const passed = request(
      `${target}${from.url}`,
      { method: from.method!, headers: from.headers, agent: false },
      (answer) => {
        if (own === 'lose') {
          // Not before the answer is whole: the work is done by then.
          answer.resume().once('end', () => to.destroy());
          return;
        }
        to.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(to);
      },
    );
    passed.on('error', () => to.destroy());
    passed.end(body);
  };
  const server = createServer((from, to) => {
    serve(from, to).catch(() => to.destroy());
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    origin: `http://127.0.0.1:${port}`,
    asked,
    async down() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async up() {
      if (!server.listening) await listen(port);
    },
  });
}

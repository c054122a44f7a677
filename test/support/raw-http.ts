import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The first answer on a connection. */
export interface RawAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: string;
}

/**
 * Writes bytes to a port as they are, which no HTTP client does, and resolves with the first answer once it is complete;
 * undefined where the connection closes without one. `then` may write more, or end the connection, once the first bytes
 * are on their way.
 */
export async function rawRequest(
  port: number,
  bytes: string | Buffer,
  then: (socket: Socket) => unknown = () => {},
): Promise<RawAnswer | undefined> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const received: Buffer[] = [];
  const answered = new Promise<RawAnswer | undefined>((resolve) => {
    socket.on('data', (chunk) => {
      received.push(chunk);
      const answer = parseAnswer(Buffer.concat(received));
      if (answer !== undefined) resolve(answer);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(undefined));
  });
  socket.write(bytes);
  await then(socket);
  const answer = await answered;
  socket.destroy();
  return answer;
}

/** An answer, or undefined where its end has not come yet; an interim answer (1xx) is passed over. */
function parseAnswer(bytes: Buffer): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const body = bytes.subarray(end + 4);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  if (status < 200) return parseAnswer(body);
  const headerOf = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim();
  const length = Number(headerOf('content-length') ?? 0);
  if (body.length < length) return undefined;
  return { status, contentType: headerOf('content-type'), body: body.toString('utf8', 0, length) };
}

/** The head of a POST of JSON, its header lines in `more`. */
export function postHead(path: string, ...more: string[]): string {
  return [`POST ${path} HTTP/1.1`, 'host: localhost', 'content-type: application/json', ...more, '', ''].join('\r\n');
}

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { historyOfFields } from '../../support/histories.ts';
import { postHead, type RawAnswer, rawRequest } from '../../support/raw-http.ts';
import { ownEdge, useEdge } from './edge.ts';

const HISTORIES = [historyOfFields('a.plain', [[{ name: 'count', type: 'int' }]])];
const shared = useEdge(HISTORIES);
const BODY = '{"count":1}';

function expectProblem(answer: RawAnswer | undefined, status: number, code: string) {
  expect(answer).toMatchObject({ status, contentType: expect.stringMatching(/^application\/problem\+json/) });
  expect(JSON.parse(answer!.body)).toMatchObject({ type: `urn:sluice:error:${code}`, status, code, faults: [] });
}

describe('an upload', () => {
  it('in chunks is put together, wherever they are cut', async () => {
    const { port, queued } = shared();
    const body = Buffer.from('{"count":1}  ');
    const answer = await rawRequest(port, postHead('/events/a.plain', 'transfer-encoding: chunked'), async (socket) => {
      for (const byte of body) {
        socket.write(Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]));
        await sleep(1);
      }
      socket.write('0\r\n\r\n');
    });
    expect(answer).toMatchObject({ status: 202 });
    expect(await queued()).toMatchObject([{ body: body.toString() }]);
  });

  it('whose sender waits for "100 Continue" is told to go on', async () => {
    const { port, queued } = shared();
    const head = postHead('/events/a.plain', 'expect: 100-continue', `content-length: ${BODY.length}`);
    let wentOn = false;
    await rawRequest(port, head, async (socket) => {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      expect(chunk.toString()).toMatch(/^HTTP\/1\.1 100 /);
      wentOn = true;
      socket.write(BODY);
      await once(socket, 'data');
    });
    expect(wentOn).toBe(true);
    expect(await queued()).toHaveLength(1);
  });

  it('that announces more than an event may have is refused before it is sent', async () => {
    const { port } = shared();
    const answer = await rawRequest(port, postHead('/events/a.plain', 'content-length: 2000000'));
    expectProblem(answer, 413, 'SLUICE_BODY_TOO_LARGE');
  });

  it('that does not arrive in time is answered 408, and nothing of it is taken', async () => {
    const { port, queued } = await ownEdge(HISTORIES, { requestTimeoutMs: 100 });
    const head = postHead('/events/a.plain', `content-length: ${BODY.length}`);
    expectProblem(await rawRequest(port, head + BODY.slice(0, 5)), 408, 'SLUICE_BODY_INCOMPLETE');
    expect(await queued()).toEqual([]);
  });

  it('that trickles in is answered 408, however often a byte comes', async () => {
    const { port, queued } = await ownEdge(HISTORIES, { requestTimeoutMs: 100 });
    const head = postHead('/events/a.plain', 'content-length: 1000000');
    let timer: NodeJS.Timeout | undefined;
    const answer = await rawRequest(port, head, (socket) => {
      timer = setInterval(() => socket.write(' '), 10);
    });
    clearInterval(timer);
    expectProblem(answer, 408, 'SLUICE_BODY_INCOMPLETE');
    expect(await queued()).toEqual([]);
  });

  it('whose headers do not arrive in time is answered 408', async () => {
    const { port } = await ownEdge(HISTORIES, { requestTimeoutMs: 100 });
    const answer = await rawRequest(port, 'POST /events/a.plain HTTP/1.1\r\nhost: x\r\n');
    expectProblem(answer, 408, 'SLUICE_BODY_INCOMPLETE');
  });

  it('in chunks that do not end in time is answered 408', async () => {
    const { port, queued } = await ownEdge(HISTORIES, { requestTimeoutMs: 100 });
    const head = postHead('/events/a.plain', 'transfer-encoding: chunked');
    const answer = await rawRequest(port, `${head}b\r\n${BODY}\r\n`);
    expectProblem(answer, 408, 'SLUICE_BODY_INCOMPLETE');
    expect(await queued()).toEqual([]);
  });

  it.each([
    ['before its length', `content-length: ${BODY.length + 1}`, BODY],
    ['within a chunk', 'transfer-encoding: chunked', `20\r\n${BODY}`],
    ['before its last chunk', 'transfer-encoding: chunked', `b\r\n${BODY}\r\n`],
  ])('that its sender ends %s leaves nothing in the queue', async (_, header, bytes) => {
    const { port, queued } = shared();
    const answer = await rawRequest(port, postHead('/events/a.plain', header) + bytes, (socket) => socket.end());
    expectProblem(answer, 408, 'SLUICE_BODY_INCOMPLETE');
    expect(await queued()).toEqual([]);
  });

  it('that is broken off leaves nothing in the queue, and the next one is taken', async () => {
    const { port, queued, post, log } = shared();
    for (let round = 0; round < 20; round += 1) {
      await rawRequest(port, `${postHead('/events/a.plain', 'content-length: 12')}${BODY}`, async (socket) => {
        await sleep(round % 3);
        socket.resetAndDestroy();
      });
    }
    expect(await queued()).toEqual([]);
    expect((await post('/events/a.plain', BODY)).status).toBe(202);
    expect(await queued()).toHaveLength(1);
    expect(log).toEqual([]);
  });

  it.each([
    ['bytes that are no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a method that nobody knows', 'FROB /events/a.plain HTTP/1.1\r\nhost: x\r\n\r\n'],
    ['two lengths', `${postHead('/events/a.plain', 'content-length: 11', 'content-length: 5')}${BODY}`],
    [
      'a length and chunks',
      `${postHead('/events/a.plain', 'content-length: 11', 'transfer-encoding: chunked')}${BODY}`,
    ],
    ['a chunk size that is no number', `${postHead('/events/a.plain', 'transfer-encoding: chunked')}zz\r\n${BODY}`],
    ['a negative length', `${postHead('/events/a.plain', 'content-length: -1')}${BODY}`],
    ['headers of 100 KB', postHead('/events/a.plain', `x: ${'y'.repeat(100_000)}`, 'content-length: 0')],
  ])('of %s is answered 400 and takes nothing', async (_, bytes) => {
    const { port, queued } = shared();
    expectProblem(await rawRequest(port, Buffer.from(bytes, 'latin1')), 400, 'SLUICE_REQUEST');
    expect(await queued()).toEqual([]);
  });
});

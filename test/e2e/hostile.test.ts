import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CompressionCodecs, CompressionTypes, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKafkaClient } from '../../src/adapters/kafka/client.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import { type Runtime, startRuntime } from '../../src/local/runtime.ts';
import { openSql, type Sql } from '../../src/local/sql/sql.ts';
import type { JsonValue } from '../../src/local/sql/values.ts';
import { postHead, type RawAnswer, rawRequest } from '../support/raw-http.ts';
import { HOSTILE_BODIES, type HostileBody, Json } from './hostile-bodies.ts';
import { type HostileRecord, hostileRecords, neighbour, placeOf } from './hostile-records.ts';
import { EVENT_TYPE, SCHEMA } from './hostile-schema.ts';

// The test's own producer writes zstd; the pipeline's client, in a thread of its own, knows nothing of it.
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => zstdCompressSync(buffer),
  decompress: async (buffer: Buffer) => zstdDecompressSync(buffer),
});

type Row = Readonly<Record<string, JsonValue>>;

/** What the edge said of one event, by whatever route. */
interface Verdict {
  readonly status: number;
  /** Each fault as "CODE path"; the code alone where no value is at fault. */
  readonly faults: readonly string[];
  readonly eventId: string | undefined;
}

const root = mkdtempSync(join(tmpdir(), 'sluice-hostile-'));
let runtime: Runtime;
let sql: Sql;
let port: number;

beforeAll(async () => {
  mkdirSync(join(root, 'schemas', EVENT_TYPE), { recursive: true });
  writeFileSync(join(root, 'schemas', EVENT_TYPE, 'v1.avsc'), JSON.stringify(SCHEMA));
  const dataDir = join(root, 'data');
  runtime = await startRuntime({ schemasDir: join(root, 'schemas'), dataDir, port: 0, flushMs: 200 });
  sql = await openSql({ objectsDir: dataFolder(dataDir).objects, histories: runtime.histories });
  port = Number(new URL(runtime.url).port);
});

afterAll(async () => {
  await sql?.close();
  await runtime?.stop();
  rmSync(root, { recursive: true, force: true });
});

const account = () =>
  runtime.accounts()[0] ?? { eventType: EVENT_TYPE, accepted: 0, delivered: 0, failed: 0, inFlight: 0 };

/** Resolves once nothing is in flight. */
async function drained(): Promise<void> {
  while (account().inFlight > 0) await sleep(20);
}

/** Rows of a query by one of their columns. */
async function rowsBy(column: string, query: string): Promise<ReadonlyMap<string, Row>> {
  const { rows } = await sql.query(query);
  return new Map(rows.map((row) => [row[column] as string, row]));
}

describe('a hostile body', () => {
  /** Verdicts by route, each by the index of its body in the table. */
  const verdicts = {
    single: new Map<number, Verdict>(),
    lines: new Map<number, Verdict>(),
    array: new Map<number, Verdict>(),
  };
  const contentTypes = new Map<number, string | undefined>();
  let rows: ReadonlyMap<string, Row>;
  let accepted: number;
  let before: number;

  /** Sends one body of the table, byte for byte. */
  const send = (index: number, { body, path, headers }: HostileBody): Promise<RawAnswer | undefined> => {
    const bytes = Buffer.from(body as string);
    const head = [
      `POST ${path ?? `/events/${EVENT_TYPE}`} HTTP/1.1`,
      'host: localhost',
      ...(headers ?? ['content-type: application/json']),
      ...(headers?.some((line) => line.startsWith('event-id')) ? [] : [`event-id: hostile-${index}`]),
      `content-length: ${bytes.length}`,
    ];
    return rawRequest(port, Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]));
  };

  /** Sends what a batch can hold of the table in one request, and notes what was said of each item. */
  const sendBatch = async (format: 'lines' | 'array', fits: (body: Buffer) => boolean): Promise<void> => {
    const items = HOSTILE_BODIES.flatMap(({ body, path, headers }, index) => {
      const bytes = Buffer.from(body as string);
      const isPlain = path === undefined && headers === undefined && bytes.length < 100_000;
      return isPlain && fits(bytes) ? [{ index, bytes }] : [];
    });
    const between = Buffer.from(format === 'lines' ? '\n' : ',');
    const joined = Buffer.concat(items.flatMap(({ bytes }, at) => (at === 0 ? [bytes] : [between, bytes])));
    const answer = await fetch(`${runtime.url}/events/${EVENT_TYPE}/batch`, {
      method: 'POST',
      headers: { 'content-type': format === 'lines' ? 'application/x-ndjson' : 'application/json' },
      body: format === 'lines' ? joined : Buffer.concat([Buffer.from('['), joined, Buffer.from(']')]),
    });
    const document = (await answer.json()) as { items: object[] };
    expect(document.items).toHaveLength(items.length);
    for (const [at, { index }] of items.entries()) verdicts[format].set(index, verdictOf(document.items[at]!));
  };

  const verdictOf = (document: object): Verdict => {
    const {
      status = 202,
      code,
      faults = [],
      event_id,
    } = document as {
      status?: number;
      code?: string;
      faults?: { code: string; path: string }[];
      event_id?: string;
    };
    const told = faults.length > 0 ? faults.map((fault) => `${fault.code} ${fault.path}`) : code ? [code] : [];
    return { status, faults: told, eventId: event_id };
  };

  beforeAll(async () => {
    before = account().accepted;
    for (const [index, hostile] of HOSTILE_BODIES.entries()) {
      const answer = await send(index, hostile);
      verdicts.single.set(index, verdictOf(JSON.parse(answer!.body)));
      contentTypes.set(index, answer!.contentType);
    }
    const isBlank = (body: Buffer) => body.toString('latin1').trim() === '';
    await sendBatch('lines', (body) => !isBlank(body) && !body.includes(0x0a) && !body.includes(0x0d));
    await sendBatch('array', (body) => {
      try {
        return JSON.parse(body.toString()) !== undefined;
      } catch {
        return false;
      }
    });
    await drained();
    accepted = account().accepted;
    rows = await rowsBy('_event_id', 'SELECT * FROM probe_everything');
  });

  const expectOutcome = ({ refused, accepted: columns }: HostileBody, verdict: Verdict): void => {
    if (refused !== undefined) {
      expect(verdict).toEqual({ ...refused, eventId: undefined });
      return;
    }
    expect(verdict).toEqual({ status: 202, faults: [], eventId: expect.any(String) });
    const row = rows.get(verdict.eventId!);
    const read = Object.fromEntries(
      Object.entries(columns!).map(([name, expected]) => {
        const cell = row?.[name];
        return [name, expected instanceof Json ? new Json(JSON.parse(cell as string)) : cell];
      }),
    );
    expect(read).toEqual(columns);
  };

  it.each(HOSTILE_BODIES.map((hostile, index) => ({ ...hostile, index })))('$name', ({ index, ...hostile }) => {
    const { refused } = hostile;
    expectOutcome(hostile, verdicts.single.get(index)!);
    if (refused === undefined) expect(verdicts.single.get(index)!.eventId).toBe(`hostile-${index}`);
    else expect(contentTypes.get(index)).toMatch(/^application\/problem\+json/);
    for (const route of ['lines', 'array'] as const) {
      const verdict = verdicts[route].get(index);
      if (verdict !== undefined) expectOutcome(hostile, verdict);
    }
  });

  it('is one of many, most of which come by the batch routes too', () => {
    expect(HOSTILE_BODIES.length).toBeGreaterThan(250);
    expect(new Set(HOSTILE_BODIES.map(({ name }) => name)).size).toBe(HOSTILE_BODIES.length);
    expect(verdicts.lines.size).toBeGreaterThan(200);
    expect(verdicts.array.size).toBeGreaterThan(150);
  });

  it('is counted where it was accepted, delivered where it was counted, and queryable where it was delivered', async () => {
    const answered = Object.values(verdicts).flatMap((route) => [...route.values()]);
    expect(accepted - before).toBe(answered.filter(({ status }) => status === 202).length);
    expect(account()).toEqual({ eventType: EVENT_TYPE, accepted, delivered: accepted, failed: 0, inFlight: 0 });
    const known = await rowsBy('_event_id', 'SELECT _event_id FROM probe_everything');
    for (const { eventId } of answered) if (eventId !== undefined) expect(known.has(eventId)).toBe(true);
  });
});

describe('an upload', () => {
  const BODY = JSON.stringify({ text: 'uploaded' });

  it('that trickles in is taken once it is whole; one that breaks off, or stalls, leaves nothing', async () => {
    const before = account().accepted;
    const stalled: Socket = connect(port, '127.0.0.1');
    stalled.write(
      `${postHead(`/events/${EVENT_TYPE}`, 'event-id: stalled', `content-length: ${BODY.length + 1}`)}${BODY}`,
    );
    const headOf = (id: string) =>
      postHead(`/events/${EVENT_TYPE}`, `event-id: ${id}`, `content-length: ${BODY.length}`);
    for (const [index, at] of [0, 1, BODY.length - 1].entries()) {
      await rawRequest(port, headOf(`broken-${index}`) + BODY.slice(0, at), async (socket) => {
        await sleep(5);
        socket.resetAndDestroy();
      });
    }
    const answer = await rawRequest(port, headOf('slow'), async (socket) => {
      for (const byte of BODY) {
        socket.write(byte);
        await sleep(2);
      }
    });
    expect(answer).toMatchObject({ status: 202, body: '{"event_id":"slow"}' });
    await drained();
    stalled.destroy();
    expect(account().accepted).toBe(before + 1);
    const { rows } = await sql.query("SELECT _event_id FROM probe_everything WHERE text = 'uploaded'");
    expect(rows).toEqual([{ _event_id: 'slow' }]);
  });
});

describe('a record that another producer wrote', () => {
  const PARTITION = 1;
  let records: HostileRecord[];
  /** Offset of the first record of the list; each is followed by a neighbour. */
  let first: number;
  let rows: ReadonlyMap<string, Row>;
  let failures: ReadonlyMap<string, Row>;
  let producer: Producer;

  const offsetOf = (index: number) => first + 2 * index;

  beforeAll(async () => {
    const schemaId = runtime.histories[0]!.newest.ids.confluent!;
    records = hostileRecords(schemaId);
    const kafka = createKafkaClient({ brokers: runtime.brokers.split(',') });
    producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    for (const [index, { value, headers = {}, timestamp, compression }] of records.entries()) {
      const base = { partition: PARTITION, key: null };
      const [sent] = await producer.send({
        topic: EVENT_TYPE,
        ...(compression === undefined ? {} : { compression }),
        messages: [
          { ...base, value, headers, ...(timestamp === undefined ? {} : { timestamp }) },
          { ...base, value: neighbour(schemaId, index) },
        ],
      });
      if (index === 0) first = Number(sent!.baseOffset);
    }
    const counts = `SELECT (SELECT count(*) FROM probe_everything WHERE text LIKE 'neighbour-%') AS neighbours,
      (SELECT count(*) FROM failed_events) AS failures`;
    const expected = { neighbours: records.length, failures: records.filter(({ failed }) => failed).length };
    while (!isDeepStrictEqual((await sql.query(counts)).rows[0], expected)) await sleep(50);
    rows = await rowsBy('_event_id', 'SELECT * FROM probe_everything');
    failures = await rowsBy('id', 'SELECT * FROM failed_events');
  });

  afterAll(() => producer?.disconnect());

  const names = hostileRecords(0).map(({ name }, index) => ({ name, index }));

  it.each(names)('$name', ({ index }) => {
    const { value, failed, delivered, headers } = records[index]!;
    const failure = failures.get(`${EVENT_TYPE}/${PARTITION}/${offsetOf(index)}`);
    expect(rows.get(placeOf(PARTITION, offsetOf(index) + 1))).toMatchObject({ text: `neighbour-${index}` });
    if (failed === undefined) {
      expect(failure).toBeUndefined();
      const eventId = (delivered!._event_id as string | undefined) ?? placeOf(PARTITION, offsetOf(index));
      expect(rows.get(eventId)).toMatchObject({ ...delivered, _kafka_offset: offsetOf(index) });
      return;
    }
    expect(failure).toMatchObject({ stage: 'consume', event_type: EVENT_TYPE, ...failed });
    const payload = Buffer.from(failure!.payload as string, failure!.payload_encoding as 'utf8' | 'base64');
    expect(payload.equals(value ?? Buffer.alloc(0))).toBe(true);
    expect(failure!.reason).not.toBe('');
    expect(headers?.['event-id'] ?? null).toBe(failure!.event_id);
  });

  it('is a row or a failed event, and there are no others', () => {
    expect(failures.size).toBe(records.filter(({ failed }) => failed !== undefined).length);
    const own = [...rows.values()].filter(({ _kafka_offset, _kafka_partition }) => {
      return _kafka_partition === PARTITION && Number(_kafka_offset) >= first;
    });
    expect(own).toHaveLength(records.length + records.filter(({ delivered }) => delivered !== undefined).length);
  });

  it('is refused by the topic where it grows beyond the limit of a record when it is decompressed', async () => {
    const bomb = { value: Buffer.alloc(50_000_000), partition: PARTITION };
    const sent = producer.send({ topic: EVENT_TYPE, compression: CompressionTypes.GZIP, messages: [bomb] });
    await expect(sent).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' });
  });

  it("leaves the ledger's accounts as they were: it was never accepted at the edge", () => {
    const { accepted, delivered, failed, inFlight } = account();
    expect({ delivered, failed, inFlight }).toEqual({ delivered: accepted, failed: 0, inFlight: 0 });
  });
});

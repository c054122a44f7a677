import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKafkaClient } from '../../src/adapters/kafka/client.ts';
import { openLedger } from '../../src/adapters/local/ledger.ts';
import { createQueue } from '../../src/adapters/local/queue.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import { type CliResult, eventually, processesNaming, sluice, startSluice } from '../support/cli.ts';

// Personal data goes in by every door there is, in every kind of place; then everything that Sluice wrote or said is
// searched for it, byte by byte.

const KEY = 'e2e-0f8f1c1e8d5b4f439a550c4b1d2c8a11';
const ORDER = 'shop.order';
const VISIT = 'shop.visit';

/** Must be nowhere. */
const SECRETS = {
  email: 'ada-7f31@example.com',
  recipient: 'Recipient-7f32 é"\\',
  phone: '+41-7f33-000',
  diary: 'diary-7f34',
  diaryKey: 'key-7f35',
  birthday: '1815-12-10',
  misspelt: 'misspelt-7f36',
  unreadable: 'unreadable-7f37',
} as const;
/** Readable on purpose, but not in what is said. */
const NAME = 'Grace-7f40';

const person = {
  type: 'record',
  name: 'Person',
  fields: [
    { name: 'name', type: 'string', pii: 'clear' },
    { name: 'email', type: ['null', 'string'], default: null, pii: 'hash' },
    { name: 'birthday', type: ['null', { type: 'int', logicalType: 'date' }], default: null, pii: 'drop' },
  ],
};
const SCHEMAS = {
  [ORDER]: {
    type: 'record',
    name: 'Order',
    sluice: { key: 'email', eventId: 'id' },
    fields: [
      { name: 'id', type: 'string' },
      { name: 'email', type: 'string', pii: 'hash' },
      { name: 'buyer', type: person },
      {
        name: 'lines',
        type: {
          type: 'array',
          items: { type: 'record', name: 'Line', fields: [{ name: 'recipient', type: 'string', pii: 'hash' }] },
        },
      },
      { name: 'contacts', type: { type: 'map', values: 'Person' }, default: {} },
      { name: 'phone', type: 'string', default: 'withheld', pii: 'drop' },
      { name: 'diary', type: ['null', { type: 'map', values: 'string' }], default: null, pii: 'drop' },
    ],
  },
  [VISIT]: {
    type: 'record',
    name: 'Visit',
    sluice: { eventId: 'id' },
    fields: [
      { name: 'id', type: 'string' },
      { name: 'visitor', type: 'string', pii: 'hash' },
    ],
  },
};

const hashOf = (text: string): string => createHmac('sha256', KEY).update(text, 'utf8').digest('hex');

function order(id: string, more: object = {}) {
  const { email, recipient, phone, diary, diaryKey, birthday } = SECRETS;
  const ada = { name: NAME, email, birthday };
  return {
    id,
    email,
    buyer: ada,
    lines: [{ recipient }, { recipient: email }],
    contacts: { first: ada },
    phone,
    diary: { [diaryKey]: diary },
    ...more,
  };
}

const root = mkdtempSync(join(tmpdir(), 'sluice-personal-'));
const [schemas, data] = [join(root, 'schemas'), join(root, 'data')];
const folder = dataFolder(data);
const ask = (...args: string[]): Promise<CliResult> => sluice([...args, '--schemas', schemas, '--data', data]);

let withoutKey: CliResult;
let withShortKey: CliResult;
let answers: { readonly good: Response; readonly bad: string[] };
let records: { readonly key: string; readonly value: string }[];
let up: CliResult;
let commandLines: string[];
let brokerEnvironment: string | undefined;
let whileItRan: { running: string; objects: string };
const said = {} as Record<'query' | 'joined' | 'failedList' | 'failedShow' | 'trace' | 'status', CliResult>;

beforeAll(async () => {
  for (const [eventType, schema] of Object.entries(SCHEMAS)) {
    mkdirSync(join(schemas, eventType), { recursive: true });
    writeFileSync(join(schemas, eventType, 'v1.avsc'), JSON.stringify(schema));
  }
  const args = ['up', '--port', '0', '--json', '--schemas', schemas, '--data', data];
  withoutKey = await sluice(args, { env: { SLUICE_PII_KEY: undefined } });
  withShortKey = await sluice(args, { env: { SLUICE_PII_KEY: KEY.slice(0, 20) } });

  const running = startSluice(args, { env: { SLUICE_PII_KEY: KEY } });
  const ready = await running.firstLine();
  if (!ready.includes('"url"')) throw new Error(`it did not come up: ${ready}`);
  const { url, brokers, pid } = JSON.parse(ready);
  commandLines = processesNaming(KEY);
  brokerEnvironment = environmentOfChild(pid);
  const post = (eventType: string, body: string) =>
    fetch(`${url}/events/${eventType}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });

  const good = await post(ORDER, JSON.stringify(order('o-1')));
  await post(VISIT, JSON.stringify({ id: 'v-1', visitor: SECRETS.email }));
  const bad = [
    JSON.stringify(order('o-2', { e_mail: SECRETS.misspelt, buyer: { name: 18157433, email: [SECRETS.email] } })),
    JSON.stringify(order('o-2', { diary: { [SECRETS.diaryKey]: 5 }, contacts: { first: SECRETS.misspelt } })),
    `{"id":"o-2","diary":{"${SECRETS.diaryKey}":"x","${SECRETS.diaryKey}":"y"}}`,
    `{"id":"o-2","email":${SECRETS.email}}`,
  ];
  const refusals = await Promise.all(bad.map((body) => post(ORDER, body)));
  answers = { good, bad: await Promise.all(refusals.map((refusal) => refusal.text())) };

  // What was accepted by a schema that has been replaced since.
  const ledger = openLedger(folder.ledgerFile);
  const queue = createQueue({ ledger, clock: { now: Date.now } });
  const stale = [
    JSON.stringify(order('o-3', { 'e-mail': SECRETS.misspelt, size: 7 })),
    `{"id":"o-4","email":"${SECRETS.unreadable}`,
  ];
  await queue.send(
    stale.map((body, index) => ({
      eventType: ORDER,
      eventId: `o-${index + 3}`,
      acceptedAt: Date.now(),
      body: Buffer.from(body),
    })),
  );
  ledger.close();

  await eventually(async () => {
    const { types } = (await ask('status', '--json')).json<{ types: Record<string, Record<string, number>> }>();
    const [orders, visits] = [types[ORDER]!, types[VISIT]!];
    return (orders.delivered === 1 && orders.failed === 2 && visits.delivered === 1) || undefined;
  });
  records = await recordsOf(brokers, ORDER, 1);
  const join_ = `SELECT o.id AS o, v.id AS v FROM shop_order o JOIN shop_visit v ON o.buyer_email = v.visitor`;
  said.status = await ask('status');
  said.query = await ask('query', 'SELECT * FROM shop_order', '--json');
  said.joined = await ask('query', join_, '--json');
  said.failedList = await ask('failed', 'list', '--json');
  said.failedShow = await ask('query', 'SELECT event_id, payload FROM failed_events ORDER BY 1', '--json');
  said.trace = await ask('trace', 'o-1', '--json');
  whileItRan = { running: readFileSync(folder.runningFile, 'utf8'), objects: contentsOf(folder.objects) };
  running.interrupt();
  up = await running.ended;
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a pipeline that hashes personal data', () => {
  test('does not start without a key, names the fields and the way out, and starts nothing', () => {
    expect(withoutKey.exitCode).toBe(2);
    expect(withoutKey.json()).toMatchObject({
      error: {
        code: 'SLUICE_PII_KEY',
        message: expect.stringMatching(
          /^shop\.order v1 hashes \$\.email, \$\.buyer\.email, \$\.lines\[\]\.recipient, .*; shop\.visit v1 .*SLUICE_PII_KEY/,
        ),
      },
    });
    expect(withShortKey.exitCode).toBe(2);
    expect(withShortKey.stdout + withShortKey.stderr).toContain('SLUICE_PII_KEY has 20 characters');
    expect(withShortKey.stdout + withShortKey.stderr).not.toContain(KEY.slice(0, 20));
  });

  test('tells its key nobody: no file, no command line, no output, no other process', () => {
    expect(whileItRan.running).not.toContain(KEY);
    expect(contentsOf(data)).not.toContain(KEY);
    expect(commandLines).toEqual([]);
    expect(up.stdout + up.stderr).not.toContain(KEY);
    if (brokerEnvironment !== undefined) expect(brokerEnvironment).not.toContain(KEY);
  });
});

describe('an event with personal data', () => {
  test('is a row with hashes, and with null or the default where a value is dropped', () => {
    expect(answers.good.status).toBe(202);
    const hash = hashOf(SECRETS.email);
    expect(said.query.json()).toEqual([
      expect.objectContaining({
        id: 'o-1',
        email: hash,
        buyer_name: NAME,
        buyer_email: hash,
        buyer_birthday: null,
        lines: JSON.stringify([{ recipient: hashOf(SECRETS.recipient) }, { recipient: hash }]),
        contacts: JSON.stringify({ first: { name: NAME, email: hash, birthday: null } }),
        phone: 'withheld',
        diary: null,
      }),
    ]);
  });

  test('is a record in Kafka that holds the same, under the hash as its key', () => {
    expect(records.map(({ key }) => key)).toEqual([hashOf(SECRETS.email)]);
    expect(records[0]!.value).toContain(hashOf(SECRETS.recipient));
    expect(found(JSON.stringify(records), SECRETS)).toEqual([]);
  });

  test('joins with other event types by its hashes', () => {
    expect(said.joined.json()).toEqual([{ o: 'o-1', v: 'v-1' }]);
  });
});

describe('personal data', () => {
  test('is in no answer, whatever was wrong with what was sent', () => {
    expect(answers.bad.map((answer) => JSON.parse(answer).code)).toEqual([
      'SLUICE_TYPE',
      'SLUICE_TYPE',
      expect.stringMatching(/^SLUICE_/),
      'SLUICE_JSON_SYNTAX',
    ]);
    expect(found(answers.bad.join('\n'), { ...SECRETS, NAME, number: '18157433' })).toEqual([]);
    expect(answers.bad[1]).toContain("$.diary['[personal data]']");
  });

  test('is in no log line, and in nothing that a command prints but where it is kept on purpose', () => {
    expect(found(up.stdout + up.stderr, { ...SECRETS, NAME })).toEqual([]);
    for (const { stdout, stderr, exitCode } of Object.values(said)) {
      expect(exitCode).toBe(0);
      expect(found(stdout + stderr, SECRETS)).toEqual([]);
    }
    expect(said.failedList.json()).toHaveLength(2);
    expect(found(said.failedList.stdout + said.status.stdout, { NAME })).toEqual([]);
  });

  test('is a placeholder in a failed event, and so is what no schema declares', () => {
    const [shown, withheld] = said.failedShow.json<{ payload: string }[]>();
    const person = { name: NAME, email: '[personal data]', birthday: '[personal data]' };
    expect(JSON.parse(shown!.payload)).toEqual({
      id: 'o-3',
      email: '[personal data]',
      buyer: person,
      lines: [{ recipient: '[personal data]' }, { recipient: '[personal data]' }],
      contacts: { first: person },
      phone: '[personal data]',
      diary: '[personal data]',
      'e-mail': '[not declared]',
      size: '[not declared]',
    });
    expect(withheld!.payload).toMatch(/^\[personal data\]: \d+ bytes that are no JSON$/);
  });

  test('is in no object, not even while it runs', () => {
    expect(whileItRan.objects).toContain(hashOf(SECRETS.email));
    expect(found(whileItRan.objects, SECRETS)).toEqual([]);
  });

  test('is in no file after the end: not in the queue, nor in the stream, nor in the log of Kafka', () => {
    const all = contentsOf(data);
    // Both are there to be searched.
    for (const kept of [NAME, hashOf(SECRETS.email)]) expect(all).toContain(kept);
    expect(existsSync(folder.ledgerFile)).toBe(true);
    expect(found(all, SECRETS)).toEqual([]);
  });
});

/** The names of the texts that are in another one. */
function found(text: string, texts: Readonly<Record<string, string>>): string[] {
  // Needles without their odd tails, which may be escaped one way or another.
  return Object.keys(texts).filter((name) => text.includes(/^[\w@.+-]+/.exec(texts[name]!)![0]));
}

/** Every byte of every file under a folder, as Latin-1; compressed ones as what they hold. */
function contentsOf(at: string): string {
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      return (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
    })
    .join('\n');
}

/** The first records of a topic, as Latin-1. */
async function recordsOf(brokers: string, topic: string, count: number): Promise<typeof records> {
  const consumer = createKafkaClient({ brokers: [brokers] }).consumer({ groupId: 'a-reader-of-its-own' });
  const read: typeof records = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      async eachMessage({ message: { key, value } }) {
        read.push({ key: String(key), value: value!.toString('latin1') });
      },
    });
    await eventually(() => read.length >= count || undefined);
  } finally {
    await consumer.disconnect();
  }
  return read;
}

/** The environment of a process's children, where the system shows it. */
function environmentOfChild(pid: number): string | undefined {
  const children = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(children)) return undefined;
  const ids = readFileSync(children, 'utf8').trim().split(/\s+/);
  return ids.map((id) => readFileSync(`/proc/${id}/environ`, 'latin1')).join('\n');
}

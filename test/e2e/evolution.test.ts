import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKafkaClient } from '../../src/adapters/kafka/client.ts';
import { openFolderRegistry } from '../../src/adapters/registry/folder.ts';
import { compileCodec } from '../../src/codec/codec.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import { readHistories } from '../../src/local/event-types.ts';
import { type Runtime, startRuntime } from '../../src/local/runtime.ts';
import { openSql } from '../../src/local/sql/sql.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { sluice } from '../support/cli.ts';
import { bodyOf } from '../support/schemas.ts';

const TYPE = 'shop.order';
const ID = { name: 'id', type: 'string' };
const record = (fields: readonly object[], sluice: object = {}) => ({
  type: 'record',
  name: 'Order',
  sluice: { eventId: 'id', ...sluice },
  fields,
});
const COUNT = { name: 'count', type: 'int', default: 0 };
const TOTAL = { name: 'total', type: 'int', default: 0, aliases: ['count'] };
const NOTE = { name: 'note', type: ['null', 'string'], default: null };
const SCHEMAS = {
  first: record([ID, COUNT]),
  second: record([ID, TOTAL, NOTE]),
  /** Cannot be read from what was written before: its new field has no default. */
  broken: record([ID, TOTAL, NOTE, { name: 'store', type: 'string' }]),
  right: record([ID, TOTAL, NOTE, { name: 'store', type: 'string', default: 'web' }]),
  /** Legal, and not what was meant. */
  wrong: record([ID, TOTAL, NOTE, { name: 'store', type: 'string', default: 'wbe' }]),
};

const root = mkdtempSync(join(tmpdir(), 'sluice-evolution-'));
const [schemas, data] = [join(root, 'schemas'), join(root, 'data')];
const log: string[] = [];
let runtime: Runtime;

const publish = (version: number, schema: object): void =>
  writeFileSync(join(schemas, TYPE, `v${version}.avsc`), JSON.stringify(schema));

beforeAll(async () => {
  mkdirSync(join(schemas, TYPE), { recursive: true });
  publish(1, SCHEMAS.first);
  runtime = await startRuntime({
    schemasDir: schemas,
    dataDir: data,
    port: 0,
    flushMs: 200,
    log: (line) => log.push(line),
  });
});

afterAll(async () => {
  await runtime?.stop();
  rmSync(root, { recursive: true, force: true });
});

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${runtime.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
const send = (event: object, headers?: Record<string, string>) =>
  post(`/events/${TYPE}`, JSON.stringify(event), headers);

/** Sends until it is taken, as a sender does that knows a version before the edge has heard of it. */
async function sendUntilTaken(event: object, headers?: Record<string, string>): Promise<void> {
  await expect.poll(async () => (await send(event, headers)).status, { timeout: 10_000 }).toBe(202);
}

async function drained(): Promise<void> {
  await expect.poll(() => runtime.accounts()[0]?.inFlight, { timeout: 20_000 }).toBe(0);
}

/** Rows as a query sees them that is asked now: with the columns of all versions that are there. */
async function ask(query: string) {
  const histories = await readHistories(openFolderRegistry(schemas));
  const sql = await openSql({ objectsDir: dataFolder(data).objects, histories });
  try {
    return (await sql.query(query)).rows;
  } finally {
    await sql.close();
  }
}

/** Every object of the event type, by what it holds. */
function objects(): Map<string, string> {
  const folder = join(dataFolder(data).objects, 'events', TYPE);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'));
  return new Map(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

/** A sender that goes on until it is stopped; every answer must be 202. */
function startSender(name: string, fields: (number: number) => object, headers?: Record<string, string>) {
  const refused: string[] = [];
  let sent = 0;
  let isStopped = false;
  const ended = (async () => {
    while (!isStopped) {
      const answer = await send({ id: `${name}-${sent}`, ...fields(sent) }, headers);
      if (answer.status !== 202) refused.push(await answer.text());
      sent += 1;
      await sleep(5);
    }
  })();
  return {
    refused,
    sent: () => sent,
    async stop() {
      isStopped = true;
      await ended;
    },
  };
}

// One story: each test goes on where the one before has ended.
describe('while events flow', { shuffle: false }, () => {
  it('a second version is picked up, and what was stored before is not touched', async () => {
    const old = startSender('old', (count) => ({ count }));
    await expect.poll(() => objects().size, { timeout: 20_000 }).toBeGreaterThan(0);
    const before = objects();
    publish(2, SCHEMAS.second);
    await sendUntilTaken({ id: 'probe', total: 1, note: 'first of the second' });
    const fresh = startSender('new', (total) => ({ total, note: `note ${total}` }), { 'schema-version': '2' });
    await expect.poll(() => fresh.sent(), { timeout: 20_000 }).toBeGreaterThan(50);
    await Promise.all([old.stop(), fresh.stop()]);
    expect([...old.refused, ...fresh.refused]).toEqual([]);
    await drained();

    const rows = await ask(`
      SELECT _schema_version AS version, count(*)::INT AS events, count(note)::INT AS notes, sum(count)::INT AS total
      FROM shop_order WHERE id <> 'probe' GROUP BY 1 ORDER BY 1`);
    const sum = (sent: number) => (sent * (sent - 1)) / 2;
    expect(rows).toEqual([
      // A writer that states no version is read by the newest that takes its body: the first, for it says "count".
      { version: 1, events: old.sent(), notes: 0, total: sum(old.sent()) },
      { version: 2, events: fresh.sent(), notes: fresh.sent(), total: sum(fresh.sent()) },
    ]);
    const after = objects();
    for (const [name, digest] of before) expect(after.get(name)).toBe(digest);
    expect(await ask('SELECT count(*)::INT AS failed FROM failed_events')).toEqual([{ failed: 0 }]);
    expect(log).toEqual(expect.arrayContaining([`${TYPE}: v2 is taken in`]));
  });

  it('versions that take turns share objects', async () => {
    const before = objects().size;
    const events = Array.from({ length: 200 }, (_, index) =>
      JSON.stringify({ id: `turn-${index}`, ...(index % 2 === 0 ? { count: 1 } : { total: 1, note: 'x' }) }),
    );
    const answer = await post(`/events/${TYPE}/batch`, events.join('\n'), { 'content-type': 'application/x-ndjson' });
    expect(await answer.json()).toMatchObject({ accepted: 200, refused: 0 });
    await drained();
    const rows = await ask(`SELECT _schema_version AS version, count(*)::INT AS events FROM shop_order
      WHERE id LIKE 'turn-%' GROUP BY 1 ORDER BY 1`);
    expect(rows).toEqual([
      { version: 1, events: 100 },
      { version: 2, events: 100 },
    ]);
    // At most one for each partition's batch, were every one of them flushed alone.
    expect(objects().size - before).toBeLessThanOrEqual(4);
  });

  it('a version that was registered by hand and breaks a rule stops nothing; its events wait to be recovered', async () => {
    const alone = schemaHistory(TYPE, [schemaVersion(TYPE, 3, SCHEMAS.broken)]);
    const written = ['hand-0', 'hand-1'].map((id) => {
      const encoded = compileCodec(alone).encode(bodyOf({ id, total: 3, store: 'north' }));
      if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
      return { value: encoded.value, headers: { 'event-id': id } };
    });
    publish(3, SCHEMAS.broken);
    const producer = createKafkaClient({ brokers: runtime.brokers.split(',') }).producer();
    await producer.connect();
    await producer.send({ topic: TYPE, messages: written });
    await producer.disconnect();

    const failed = 'SELECT event_id, code, version, reason FROM failed_events WHERE recovered_at IS NULL ORDER BY 1';
    await expect.poll(() => ask(failed), { timeout: 20_000 }).toHaveLength(2);
    expect(await ask(failed)).toMatchObject(
      ['hand-0', 'hand-1'].map((event_id) => ({ event_id, code: 'SLUICE_VERSION_REFUSED', version: 3 })),
    );
    expect(await (await send({ id: 'c', total: 1 }, { 'schema-version': '3' })).json()).toMatchObject({
      code: 'SLUICE_VERSION_REFUSED',
      detail: expect.stringContaining('WIRE_NEW_FIELD_HAS_DEFAULT'),
    });
    expect((await send({ id: 'goes-on', total: 1 })).status).toBe(202);

    publish(4, SCHEMAS.right);
    await expect.poll(() => log, { timeout: 10_000 }).toContain(`${TYPE}: v4 is taken in`);
    const common = ['--schemas', schemas, '--data', data, '--json'];
    const recovered = await sluice(['failed', 'recover', '--code', 'SLUICE_VERSION_REFUSED', ...common]);
    expect({ ...recovered, document: recovered.json() }).toMatchObject({
      exitCode: 0,
      document: { found: 2, sent_again: 2, left: [] },
    });
    await expect
      .poll(
        () => ask("SELECT id, store, _schema_version AS version FROM shop_order WHERE id LIKE 'hand-%' ORDER BY 1"),
        {
          timeout: 20_000,
        },
      )
      .toEqual(['hand-0', 'hand-1'].map((id) => ({ id, store: 'north', version: 3 })));
    expect(await ask(failed)).toEqual([]);
    expect((await sluice(['failed', 'list', ...common])).json()).toEqual([]);
    expect((await sluice(['failed', 'list', '--all', ...common])).json()).toHaveLength(2);
    expect((await sluice(['failed', 'recover', ...common])).json()).toEqual({ found: 0, sent_again: 0, left: [] });
  });

  it('a wrong version is superseded by its own setting, and clients that state it go on as they are', async () => {
    publish(5, SCHEMAS.wrong);
    const stated = { 'schema-version': '5' };
    await sendUntilTaken({ id: 'wrong-0', total: 1 }, stated);
    await drained();
    publish(5, { ...SCHEMAS.wrong, sluice: { ...SCHEMAS.wrong.sluice, supersededBy: 6 } });
    publish(6, { ...SCHEMAS.right, doc: 'as it was meant' });
    await expect.poll(() => log, { timeout: 10_000 }).toContain(`${TYPE}: v6 is taken in`);
    expect((await send({ id: 'wrong-1', total: 1 }, stated)).status).toBe(202);
    await drained();
    expect(
      await ask("SELECT id, store, _schema_version AS version FROM shop_order WHERE id LIKE 'wrong-%' ORDER BY 1"),
    ).toEqual([
      { id: 'wrong-0', store: 'wbe', version: 5 },
      { id: 'wrong-1', store: 'web', version: 6 },
    ]);
  });

  it('everything that was accepted was delivered', async () => {
    await drained();
    const [account] = runtime.accounts();
    expect(account).toMatchObject({ failed: 0, inFlight: 0, delivered: account!.accepted });
  });
});

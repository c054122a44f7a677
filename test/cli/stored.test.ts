import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import { raw, writeObject } from '../local/sql/objects.ts';
import { type CliResult, newFolder, sluice } from '../support/cli.ts';
import { openLocalParts } from '../support/local-parts.ts';
import { manualClock } from '../support/manual-clock.ts';
import { messageOf } from '../support/messages.ts';

// What the commands show of a data folder on which nothing runs.

const TYPE = 'acme.note';
const HOSTILE = 'red \u001b[31m and \u009b31m,\r\nnext "line" \\N';
const OBJECT = 'events/acme.note/dt=2026-11-24/hour=12';

const folder = newFolder();
const data = join(folder, 'data');

beforeAll(async () => {
  mkdirSync(join(folder, 'schemas', TYPE), { recursive: true });
  const fields = [
    { name: 'text', type: 'string' },
    { name: 'price', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }], default: null },
  ];
  writeFileSync(join(folder, 'schemas', TYPE, 'v1.avsc'), JSON.stringify({ type: 'record', name: 'Note', fields }));

  const parts = await openLocalParts(data, manualClock());
  const row = (id: string, offset: string, text: string, price: string) =>
    [id, raw('1'), raw('2026-11-24 12:00:00.000'), raw('3'), raw(offset), null, text, raw(price)] as const;
  // One delivery came twice.
  writeObject(parts.folder, `objects/${OBJECT}/one.csv.gz`, [
    row('n-1', '7', HOSTILE, '9.50'),
    row('n-2', '8', 'x'.repeat(5_000), '120.00'),
  ]);
  writeObject(parts.folder, `objects/${OBJECT}/two.csv.gz`, [row('n-1', '7', HOSTILE, '9.50')]);
  await parts.failedEvents.put([failure({ id: 'acme.note/0/1', stage: 'consume', eventId: 'n-3' })]);
  await parts.failedEvents.put([failure({ id: 'acme.note/0/2', stage: 'produce', failedAt: Date.UTC(2026, 10, 25) })]);
  await parts.failedEvents.put([failure({ id: 'acme.bill/0/1', stage: 'produce', eventType: 'acme.bill' })]);
  await parts.queue.send([messageOf(TYPE, 'n-4')]);
  parts.ledger.close();
});

function failure(more: Partial<FailedEvent>): FailedEvent {
  return {
    id: '',
    stage: 'consume',
    code: 'SLUICE_AVRO_DATA',
    path: '$',
    reason: HOSTILE,
    eventType: TYPE,
    version: null,
    payload: Buffer.from(HOSTILE),
    failedAt: Date.UTC(2026, 10, 24),
    ...more,
  };
}

function ask(...args: string[]): Promise<CliResult> {
  return sluice([...args, '--schemas', join(folder, 'schemas'), '--data', data]);
}

/** Characters that a terminal would act upon; line feeds are ours. */
const ACTIVE = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;

describe.concurrent('sluice query', () => {
  test('gives row objects with --json, whole and as they were sent', async () => {
    const result = await ask(
      'query',
      '--json',
      "SELECT text, price, _kafka_offset AS at FROM acme_note WHERE _event_id = 'n-1'",
    );
    expect(result.exitCode).toBe(0);
    expect(result.json()).toEqual([{ text: HOSTILE, price: '9.50', at: 7 }]);
    expect(result.stdout).not.toMatch(ACTIVE);
  });

  test('gives no rows as an empty array', async () => {
    expect((await ask('query', '--json', 'SELECT * FROM acme_note WHERE false')).json()).toEqual([]);
  });

  test('shows a person a table in which nothing a stranger sent acts upon the terminal, and long values are cut', async () => {
    const { exitCode, stdout, stderr } = await ask(
      'query',
      'SELECT _event_id, text, price, _replay_id FROM acme_note ORDER BY 1',
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).not.toMatch(ACTIVE);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[3]).toContain(String.raw`red \u001b[31m and \u009b31m,\r\nnext "line" \N`);
    expect(lines[3]).toMatch(/│ {3}9\.50 │ null +│$/);
    expect(lines[4]).toContain(`│ ${'x'.repeat(199)}… │ 120.00 │`);
    expect(lines[6]).toBe('2 rows');
  });

  test('shows a person a thousand rows at most, and says so; --json gives all', async () => {
    const [text, json] = await Promise.all(
      ['', '--json'].map((flag) => ask('query', 'FROM range(1500)', ...flag.split(' ').filter(Boolean))),
    );
    expect(text!.stdout.trimEnd().split('\n')).toHaveLength(1_005);
    expect(text!.stdout).toContain('1500 rows, 1000 of them shown; --json gives all\n');
    expect(json!.json()).toHaveLength(1_500);
  });

  test('cuts the lines of a long error', async () => {
    const { stderr } = await ask('query', "SELECT text::INTEGER FROM acme_note WHERE _event_id = 'n-2'");
    expect(Math.max(...stderr.split('\n').map(({ length }) => length))).toBe(1_000);
  });

  test('can be cut short by its reader', async () => {
    // As `| head -1` does: the reader is gone before anything is written.
    const { stderr } = await sluice(
      ['query', 'SELECT range FROM range(900)', '--schemas', join(folder, 'schemas'), '--data', data],
      { readNothing: true },
    );
    expect(stderr).toBe('');
  });

  test.for([
    ['a typing error', 'SELEC 1', 'Parser Error'],
    ['a column that does not exist', 'SELECT colour FROM acme_note', 'colour'],
    ['nothing', '  ', 'the query is empty'],
    ['two statements', 'SELECT 1; SELECT 2', 'one statement'],
    ['a statement that writes', `COPY acme_note TO '${folder}/stolen.csv'`, ''],
    ['a file of the machine', "SELECT * FROM read_text('/etc/passwd')", ''],
  ] as const)('of %s exits 2 with what the engine says', async ([, sql, message]) => {
    const [text, json] = await Promise.all([ask('query', sql), ask('query', sql, '--json')]);
    expect(text).toMatchObject({ exitCode: 2, stdout: '' });
    expect(text.stderr).toMatch(/^sluice: SLUICE_QUERY: /);
    expect(text.stderr).toContain(message);
    expect(json.exitCode).toBe(2);
    const said = expect.stringContaining(message);
    expect(json.json()).toEqual({ error: { code: 'SLUICE_QUERY', message: said, faults: [] } });
  });

  test('does not let a value of the table act upon the terminal by way of an error', async () => {
    const { exitCode, stderr } = await ask('query', "SELECT text::INTEGER FROM acme_note WHERE _event_id = 'n-1'");
    expect(exitCode).toBe(2);
    expect(stderr).toContain(String.raw`\u001b[31m`);
    expect(stderr).not.toMatch(ACTIVE);
  });
});

describe.concurrent('sluice failed', () => {
  test('list gives the newest first, all of them or those that are asked for', async () => {
    const list = async (...flags: string[]) => {
      const rows = (await ask('failed', 'list', '--json', ...flags)).json<{ id: string }[]>();
      return rows.map(({ id }) => id);
    };
    expect(await list()).toEqual(['acme.note/0/2', 'acme.bill/0/1', 'acme.note/0/1']);
    expect(await list('--type', TYPE)).toEqual(['acme.note/0/2', 'acme.note/0/1']);
    expect(await list('--type', TYPE, '--stage', 'consume')).toEqual(['acme.note/0/1']);
    expect(await list('--limit', '1')).toEqual(['acme.note/0/2']);
    expect(await list('--type', "x' OR 'a' = 'a")).toEqual([]);
  });

  test('list shows a person one line for each, and nothing that acts upon the terminal', async () => {
    const { exitCode, stdout } = await ask('failed', 'list');
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(ACTIVE);
    expect(stdout.split('\n').filter((line) => line.includes('SLUICE_AVRO_DATA'))).toHaveLength(3);
  });

  test('show gives the whole event, payload included', async () => {
    const [text, json] = await Promise.all([
      ask('failed', 'show', 'acme.note/0/1'),
      ask('failed', 'show', 'acme.note/0/1', '--json'),
    ]);
    expect(json.json()).toMatchObject({
      id: 'acme.note/0/1',
      failed_at: '2026-11-24 00:00:00.000',
      stage: 'consume',
      code: 'SLUICE_AVRO_DATA',
      event_type: TYPE,
      event_id: 'n-3',
      reason: HOSTILE,
      payload: HOSTILE,
      payload_encoding: 'utf8',
    });
    expect(text.stdout).not.toMatch(ACTIVE);
    // A payload over several lines stays beside its name.
    expect(text.stdout).toMatch(/^payload {11}red \\u001b\[31m and \\u009b31m,\\r\n {18}next "line" \\N$/m);
  });

  test('show of an id that is not there exits 2', async () => {
    const result = await ask('failed', 'show', 'acme.note/9/9', '--json');
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({
      error: { code: 'SLUICE_USAGE', message: expect.stringContaining('acme.note/9/9') },
    });
  });
});

describe.concurrent('sluice trace', () => {
  test('finds the record, every object that holds it, and the row as it was sent', async () => {
    const [text, json] = await Promise.all([ask('trace', 'n-1'), ask('trace', 'n-1', '--json')]);
    expect(json.exitCode).toBe(0);
    const row = expect.objectContaining({ _event_id: 'n-1', text: HOSTILE, price: '9.50' });
    expect(json.json()).toEqual({
      event_id: 'n-1',
      stages: [
        { stage: 'kafka', event_type: TYPE, topic: TYPE, partition: 3, offset: 7 },
        { stage: 'table', event_type: TYPE, object: `objects/${OBJECT}/one.csv.gz`, row },
        { stage: 'table', event_type: TYPE, object: `objects/${OBJECT}/two.csv.gz`, row },
      ],
      notes: [],
    });
    expect(text.stdout).toContain('partition 3, offset 7');
    expect(text.stdout).toContain('one.csv.gz');
    expect(text.stdout).not.toMatch(ACTIVE);
  });

  test('finds an event that still waits in the queue, and says that the topics were not searched', async () => {
    const result = await ask('trace', 'n-4', '--json');
    expect(result.exitCode).toBe(0);
    expect(result.json()).toEqual({
      event_id: 'n-4',
      stages: [{ stage: 'queue', event_type: TYPE, number: 1, accepted_at: '2026-11-24T12:00:00.000Z', receives: 0 }],
      notes: [expect.stringContaining('no Kafka cluster runs')],
    });
  });

  test('finds a failed event, with what was wrong', async () => {
    const { stages } = (await ask('trace', 'n-3', '--json')).json<{ stages: object[] }>();
    expect(stages).toEqual([
      expect.objectContaining({ stage: 'failed', id: 'acme.note/0/1', failed_in: 'consume', code: 'SLUICE_AVRO_DATA' }),
    ]);
    expect((await ask('trace', 'n-3')).stdout).not.toMatch(ACTIVE);
  });

  test('of an event that left no trace exits 1', async () => {
    const [text, json] = await Promise.all([ask('trace', 'n-0'), ask('trace', 'n-0', '--json')]);
    expect(text).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('no trace of n-0') });
    expect(json.exitCode).toBe(1);
    expect(json.json()).toMatchObject({ event_id: 'n-0', stages: [] });
  });
});

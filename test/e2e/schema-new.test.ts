import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLES } from '../../samples/index.ts';
import { viewName } from '../../src/derive/names.ts';
import { type CliResult, eventually, newFolder, type RunningCli, sluice, startSluice } from '../support/cli.ts';

// From samples to rows with four commands and no file edited: three lines by hand, and the real sets whole.

const TYPE = 'acme.order';
const NUMBERS = [1, 2, 3];
const ORDERS = NUMBERS.map((number) => ({
  id: `o-${number}`,
  customer_id: number,
  placed_at: `2026-01-31T12:00:0${number}Z`,
  total: `1${number}.90`,
  ship_to: { city: 'Zürich' },
  lines: [{ sku: 'A,1', quantity: number }],
  ...(number === 2 ? { note: 'ring twice' } : {}),
}));

const folder = newFolder();
const schemas = join(folder, 'schemas');
const ask = (...args: string[]): Promise<CliResult> =>
  sluice([...args, '--schemas', schemas, '--data', join(folder, 'data')]);

const sets = [
  { eventType: TYPE, events: ORDERS as Iterable<object>, count: ORDERS.length },
  ...SAMPLES.map((sample) => ({ eventType: sample.eventType, events: sample.events(), count: sample.count })),
];
const sent = new Map<string, CliResult>();
let up: RunningCli;

beforeAll(async () => {
  for (const { eventType, events } of sets) {
    const file = join(folder, `${eventType}.json`);
    writeFileSync(file, Array.from(events, (event) => `${JSON.stringify(event)}\n`).join(''));
    expect(await ask('schema', 'new', eventType, '--from', file)).toMatchObject({ exitCode: 0, stderr: '' });
  }
  up = startSluice(['up', '--port', '0', '--json', '--schemas', schemas, '--data', join(folder, 'data')]);
  await up.firstLine();
  for (const { eventType, count } of sets) {
    sent.set(eventType, await ask('send', eventType, join(folder, `${eventType}.json`), '--json'));
    const sql = `SELECT count(*)::INTEGER AS rows FROM ${viewName(eventType)}`;
    await eventually(async () => {
      const [found] = (await ask('query', sql, '--json')).json<{ rows: number }[]>();
      return found!.rows === count || undefined;
    });
  }
});

afterAll(async () => {
  up.interrupt();
  await up.ended;
});

describe('a schema from samples', () => {
  test.for(sets)('takes each of the $count events of $eventType, and all become rows', ({ eventType, count }) => {
    const account = { event_type: eventType, sent: count, accepted: count, refused: 0, refusals: [] };
    expect(sent.get(eventType)!.json()).toEqual(account);
  });

  test('gives columns of their types, with every value as it was sent', async () => {
    const rows = await ask('query', 'SELECT * FROM acme_order ORDER BY id', '--json');
    expect(rows.json()).toEqual(
      NUMBERS.map((number) =>
        expect.objectContaining({
          _event_id: `o-${number}`,
          id: `o-${number}`,
          customer_id: number,
          placed_at: `2026-01-31 12:00:0${number}.000`,
          total: `1${number}.90`,
          ship_to_city: 'Zürich',
          lines: `[{"sku":"A,1","quantity":${number}}]`,
          note: number === 2 ? 'ring twice' : null,
        }),
      ),
    );
  });

  test('needs nothing but its own two files', () => {
    const files = sets.flatMap(({ eventType: type }) => [type, join(type, 'examples.json'), join(type, 'v1.avsc')]);
    expect(readdirSync(schemas, { recursive: true }).sort()).toEqual(files.sort());
  });
});

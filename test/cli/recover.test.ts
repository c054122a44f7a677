import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFailedEvents } from '../../src/adapters/local/failed-events.ts';
import { openObjectStore } from '../../src/adapters/local/object-store.ts';
import { PERSONAL_DATA } from '../../src/codec/personal-places.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import type { FailedEvent } from '../../src/ports/failed-events.ts';
import { failedRows } from '../../src/stages/failed-rows.ts';
import { newFolder, sluice } from '../support/cli.ts';
import { examplesOf, SCHEMAS } from '../support/schemas.ts';
import { type Edge, openEdge } from './edge.ts';

const TYPE = 'seismic.earthquake';
const GOOD = JSON.stringify(examplesOf(TYPE).valid.at(-1)!.body);
const data = newFolder();
let edge: Edge;

const failure = (id: string, more: Partial<FailedEvent> = {}): FailedEvent => ({
  id,
  stage: 'produce',
  code: 'SLUICE_FIELD_UNKNOWN',
  path: '$.x',
  reason: 'the schema was older than the body',
  eventType: TYPE,
  version: 1,
  eventId: `event-${id.replaceAll('/', '-')}`,
  payload: Buffer.from(GOOD),
  failedAt: Date.UTC(2026, 10, 24, 12, 0, 0),
  ...more,
});

async function keep(...events: FailedEvent[]): Promise<void> {
  const failedEvents = createFailedEvents({
    objectStore: await openObjectStore(dataFolder(data).objects),
    ledger: { settle() {} },
    rowsOf: failedRows,
    folderOf: () => 'failed/dt=2026-11-24/hour=12/',
  });
  await failedEvents.put(events);
}

const ask = (...args: string[]) => sluice(['failed', ...args, '--json', '--schemas', SCHEMAS, '--data', data]);
const listed = async (...args: string[]) =>
  (await ask('list', ...args))
    .json<{ id: string }[]>()
    .map(({ id }) => id)
    .sort();

beforeAll(async () => {
  edge = await openEdge(data);
});

afterAll(() => edge.close());

describe('sluice failed recover', { shuffle: false }, () => {
  it('sends bodies again under the ids that they had, and says what stays and why', async () => {
    await keep(
      failure('message/1'),
      failure('message/2', { payload: Buffer.from('{"magnitude":"strong"}') }),
      failure('message/3', { stage: 'transform', code: 'SLUICE_ROW_MALFORMED' }),
      failure('message/7', { payload: Buffer.from(`{"id":${JSON.stringify(PERSONAL_DATA)}}`) }),
      failure('topic/0/4', { stage: 'consume', code: 'SLUICE_TOMBSTONE', payload: Buffer.alloc(0) }),
    );
    const result = await ask('recover');
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({
      found: 5,
      sent_again: 1,
      left: [
        { id: 'message/2', result: 'refused', reason: expect.stringContaining('SLUICE_') },
        { id: 'message/3', result: 'not possible' },
        { id: 'message/7', result: 'not possible', reason: expect.stringContaining('personal data') },
        { id: 'topic/0/4', result: 'not possible', reason: expect.stringContaining('tombstone') },
      ],
    });
    expect(edge.bodies(TYPE)).toEqual([GOOD]);
    expect(await listed()).toEqual(['message/2', 'message/3', 'message/7', 'topic/0/4']);
    expect(await listed('--all')).toEqual(['message/1', 'message/2', 'message/3', 'message/7', 'topic/0/4']);
  });

  it('leaves alone what was sent again, and takes those that are named', async () => {
    const before = edge.bodies(TYPE).length;
    const named = await ask('recover', 'message/1');
    expect(named.exitCode).toBe(2);
    expect(named.json()).toMatchObject({
      error: { code: 'SLUICE_USAGE', message: expect.stringContaining('message/1') },
    });
    await keep(failure('message/5'), failure('message/6'));
    expect((await ask('recover', 'message/5')).json()).toEqual({ found: 1, sent_again: 1, left: [] });
    expect((await ask('recover', '--code', 'SLUICE_TYPE')).json()).toEqual({ found: 0, sent_again: 0, left: [] });
    expect((await ask('recover', '--type', TYPE, '--code', 'SLUICE_FIELD_UNKNOWN', 'message/6')).exitCode).toBe(0);
    expect(edge.bodies(TYPE).length).toBe(before + 2);
  });

  it('needs a pipeline that runs', async () => {
    const other = newFolder();
    const result = await sluice(['failed', 'recover', '--json', '--schemas', SCHEMAS, '--data', other]);
    expect({ ...result.json(), exitCode: result.exitCode }).toMatchObject({
      exitCode: 2,
      error: { code: 'SLUICE_NOT_RUNNING' },
    });
  });
});

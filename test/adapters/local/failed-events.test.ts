import { describe, expect, it, onTestFinished } from 'vitest';
import { failedEventsPrefix } from '../../../src/derive/names.ts';
import { SluiceError } from '../../../src/errors.ts';
import { openSql } from '../../../src/local/sql/sql.ts';
import type { FailedEvent } from '../../../src/ports/failed-events.ts';
import { accountOf, objectKeys, openLocalParts } from '../../support/local-parts.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { messageOf } from '../../support/messages.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function openParts(wrap?: Parameters<typeof openLocalParts>[2]) {
  const folder = temporaryFolder();
  const parts = await openLocalParts(folder, manualClock(), wrap);
  onTestFinished(() => parts.ledger.close());
  return parts;
}

const failure = (id: string, more: Partial<FailedEvent> = {}): FailedEvent => ({
  id,
  stage: 'consume',
  code: 'SLUICE_AVRO_DATA',
  path: '$',
  reason: 'it is not Avro',
  eventType: 'a.b',
  version: null,
  payload: Buffer.from('payload'),
  failedAt: Date.UTC(2026, 10, 24, 12, 30, 0, 7),
  ...more,
});

describe('failed events', () => {
  it('are read back by SQL as they were put', async () => {
    const parts = await openParts();
    const binary = Buffer.from([0, 1, 0xff, 0xfe, 0x0a, 0x2c, 0x5c]);
    await parts.failedEvents.put([
      failure('topic/0/1', { payload: binary, eventId: 'e-1', version: 2, path: "$['odd, key']" }),
      failure('topic/0/2', {
        stage: 'produce',
        reason: 'two\nlines, a \\ and \\N',
        payload: Buffer.from('{"a":"é\\n"}\n'),
      }),
      failure('topic/0/3', { payload: new Uint8Array() }),
    ]);
    const sql = await openSql({ objectsDir: `${parts.folder}/objects`, histories: [] });
    onTestFinished(() => sql.close());
    const { rows } = await sql.query('SELECT * EXCLUDE (dt, hour) FROM failed_events ORDER BY id');
    const shared = {
      failed_at: '2026-11-24 12:30:00.007',
      stage: 'consume',
      code: 'SLUICE_AVRO_DATA',
      path: '$',
      reason: 'it is not Avro',
      event_type: 'a.b',
      version: null,
      event_id: null,
      payload_encoding: 'utf8',
      recovered_at: null,
    };
    expect(rows).toEqual([
      {
        ...shared,
        id: 'topic/0/1',
        path: "$['odd, key']",
        version: 2,
        event_id: 'e-1',
        payload: binary.toString('base64'),
        payload_encoding: 'base64',
      },
      {
        ...shared,
        id: 'topic/0/2',
        stage: 'produce',
        reason: 'two\nlines, a \\ and \\N',
        payload: '{"a":"é\\n"}\n',
      },
      { ...shared, id: 'topic/0/3', payload: '' },
    ]);
  });

  it('make one object of a batch that is put twice', async () => {
    const parts = await openParts();
    const batch = [failure('topic/0/1'), failure('topic/0/2')];
    await parts.failedEvents.put(batch);
    await parts.failedEvents.put(batch.map((event) => ({ ...event, failedAt: event.failedAt + 1_000 })));
    expect(objectKeys(parts, failedEventsPrefix())).toHaveLength(1);
  });

  it('keep batches apart that differ in one event', async () => {
    const parts = await openParts();
    await parts.failedEvents.put([failure('topic/0/1')]);
    await parts.failedEvents.put([failure('topic/0/1'), failure('topic/0/2')]);
    await parts.failedEvents.put([failure('topic/0/2')]);
    expect(objectKeys(parts, failedEventsPrefix())).toHaveLength(3);
  });

  it('lie in the hour of their failure', async () => {
    const parts = await openParts();
    await parts.failedEvents.put([failure('topic/0/1')]);
    expect(objectKeys(parts, failedEventsPrefix())).toEqual([
      expect.stringMatching(/^failed\/dt=2026-11-24\/hour=12\/[0-9a-f]{32}\.csv\.gz$/),
    ]);
  });

  it('settle their acceptances once they are durable, and only then', async () => {
    let isFull = true;
    const parts = await openParts((store) => ({
      async put(key, bytes) {
        if (isFull) throw new SluiceError('SLUICE_STORAGE', 'the disk is full');
        await store.put(key, bytes);
      },
    }));
    const [messageId] = await parts.queue.send([messageOf('a.b', 'one'), messageOf('a.b', 'two')]);
    const batch = [failure('message/x', { messageId: messageId! }), failure('topic/0/9')];
    await expect(parts.failedEvents.put(batch)).rejects.toMatchObject({ code: 'SLUICE_STORAGE' });
    expect(accountOf(parts, 'a.b')).toMatchObject({ failed: 0, inFlight: 2 });
    isFull = false;
    await parts.failedEvents.put(batch);
    expect(accountOf(parts, 'a.b')).toMatchObject({ accepted: 2, failed: 1, inFlight: 1 });
  });

  it('write nothing for an empty batch', async () => {
    const parts = await openParts();
    await parts.failedEvents.put([]);
    expect(objectKeys(parts, failedEventsPrefix())).toEqual([]);
  });
});

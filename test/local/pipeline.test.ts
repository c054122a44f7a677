import { cpSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openLedger } from '../../src/adapters/local/ledger.ts';
import { createQueue } from '../../src/adapters/local/queue.ts';
import { SluiceError } from '../../src/errors.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import { openPipeline, type Pipeline, type PipelineOptions, type PipelinePorts } from '../../src/local/pipeline.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import { memoryEventLog } from '../support/memory-event-log.ts';
import { messageOf } from '../support/messages.ts';
import { SCHEMAS } from '../support/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Opens a pipeline whose event log is this one; it is stopped after the test. */
async function openWith(eventLog: EventLog, root: string, more: Partial<PipelineOptions> = {}): Promise<Pipeline> {
  const [schemasDir, dataDir] = [join(root, 'schemas'), join(root, 'data')];
  cpSync(join(SCHEMAS, 'aviation.flight', 'v1.avsc'), join(schemasDir, 'aviation.flight', 'v1.avsc'));
  const schemas = { address: schemasDir, keptDir: join(root, 'kept') };
  const options = {
    schemas,
    dataDir,
    brokers: ['127.0.0.1:1'],
    flushMs: 10,
    flushBytes: 1_000,
    maxReceives: 3,
    ...more,
  };
  const wrap = <Port extends keyof PipelinePorts>(name: Port, port: PipelinePorts[Port]): PipelinePorts[Port] =>
    name === 'eventLog' ? (eventLog as PipelinePorts[Port]) : port;
  const pipeline = await openPipeline(options, () => {}, wrap);
  onTestFinished(() => pipeline.stop());
  return pipeline;
}

const JOINED = { stop: async () => {} };

test('a pipeline goes on at once with what a killed one had received from the queue', async () => {
  const root = temporaryFolder();
  const killed = openLedger(dataFolder(join(root, 'data')).ledgerFile);
  const queue = createQueue({ ledger: killed, clock: { now: Date.now } });
  const body = { id: 'f1', delay_minutes: 1, distance_miles: 2 };
  await queue.send([messageOf('aviation.flight', 'f1', body)]);
  await queue.receive(10, 3_600_000);
  killed.close();

  const memory = memoryEventLog();
  const appended = Promise.withResolvers<void>();
  await openWith(
    {
      subscribe: async () => JOINED,
      async append(records) {
        const results = await memory.append(records);
        appended.resolve();
        return results;
      },
    },
    root,
  );
  await appended.promise;
  expect(memory.records).toHaveLength(1);
});

test('a pipeline waits for a cluster that does not let it in yet, and not for one that never will', async () => {
  const { append } = memoryEventLog();
  let tries = 0;
  await openWith(
    {
      append,
      async subscribe() {
        tries += 1;
        if (tries < 3) throw new SluiceError('SLUICE_LOG_UNAVAILABLE', 'the coordinator is loading');
        return JOINED;
      },
    },
    temporaryFolder(),
  );
  expect(tries).toBe(3);
  const never = openWith(
    { append, subscribe: () => Promise.reject(new SluiceError('SLUICE_USAGE', 'no')) },
    temporaryFolder(),
  );
  await expect(never).rejects.toMatchObject({ code: 'SLUICE_USAGE' });
});

test('rows lie by event time for the event types that are named, and by their arrival elsewhere', async () => {
  const departed = (day: string) => ({ id: day, departed_at: `${day}T08:30:00`, delay_minutes: 1, distance_miles: 2 });
  const foldersOf = async (byEventTime: readonly string[]): Promise<string[]> => {
    const root = temporaryFolder();
    const { ledgerFile, objects } = dataFolder(join(root, 'data'));
    const memory = memoryEventLog();
    const appended = Promise.withResolvers<void>();
    let consume: Parameters<EventLog['subscribe']>[1] | undefined;
    const eventLog: EventLog = {
      async subscribe(_, handler) {
        consume = handler;
        return JOINED;
      },
      async append(records) {
        const results = await memory.append(records);
        if (memory.records.length === 3) appended.resolve();
        return results;
      },
    };
    await openWith(eventLog, root, { byEventTime });
    const ledger = openLedger(ledgerFile);
    const now = new Date().toISOString().slice(0, 10);
    const events = [departed('2025-03-04'), departed('2025-03-05'), { ...departed('2025-03-06'), departed_at: null }];
    const acceptedAt = Date.parse(now);
    await createQueue({ ledger, clock: { now: Date.now } }).send(
      events.map((event) => messageOf('aviation.flight', event.id, event, { acceptedAt })),
    );
    await appended.promise;
    for (const batch of memory.batches()) await consume!(batch);
    await vi.waitFor(() => expect(ledger.accounts()).toMatchObject([{ delivered: 3 }]), 10_000);
    ledger.close();
    const folder = join(objects, 'events', 'aviation.flight');
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.gz'));
    return [...new Set(found.map((name) => dirname(name).replace(`dt=${now}/hour=00`, 'arrival')))].sort();
  };
  expect(await foldersOf(['aviation.flight'])).toEqual(['arrival', 'dt=2025-03-04/hour=08', 'dt=2025-03-05/hour=08']);
  const [only, ...others] = await foldersOf([]);
  expect(others).toEqual([]);
  expect(only).not.toMatch(/2025/);
});

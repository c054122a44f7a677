import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLedger } from '../../src/adapters/local/ledger.ts';
import { createQueue } from '../../src/adapters/local/queue.ts';
import { SluiceError } from '../../src/errors.ts';
import { dataFolder } from '../../src/local/data-folder.ts';
import { openPipeline, type Pipeline, type PipelinePorts } from '../../src/local/pipeline.ts';
import type { EventLog } from '../../src/ports/event-log.ts';
import { memoryEventLog } from '../support/memory-event-log.ts';
import { messageOf } from '../support/messages.ts';
import { SCHEMAS } from '../support/schemas.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Opens a pipeline whose event log is this one; it is stopped after the test. */
async function openWith(eventLog: EventLog, root: string): Promise<Pipeline> {
  const [schemasDir, dataDir] = [join(root, 'schemas'), join(root, 'data')];
  cpSync(join(SCHEMAS, 'aviation.flight', 'v1.avsc'), join(schemasDir, 'aviation.flight', 'v1.avsc'));
  const schemas = { address: schemasDir, keptDir: join(root, 'kept') };
  const options = { schemas, dataDir, brokers: ['127.0.0.1:1'], flushMs: 10, flushBytes: 1_000, maxReceives: 3 };
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

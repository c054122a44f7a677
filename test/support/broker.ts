import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll } from 'vitest';
import { createKafkaClient } from '../../src/adapters/kafka/client.ts';
import { type Broker, startBroker } from '../../src/local/kafka/broker.ts';
import { installKafka } from '../../src/local/kafka/install.ts';

/** A test file's own broker; everything is there once `beforeAll` has run. */
export interface TestBroker {
  /** Bootstrap address, `127.0.0.1:port`; it stays the same through `kill` and `restart`. */
  readonly brokers: string;
  /** A client of the broker. */
  readonly kafka: Kafka;
  /** A temporary folder, removed after the file. The broker keeps its data in `kafka` inside it. */
  readonly dir: string;
  /** Process id of the broker. */
  readonly pid: number;
  /** SIGKILLs the broker and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts the broker again on the same data and ports. */
  restart(): Promise<void>;
}

/** Starts a broker before the tests of a file and stops it after them, without a trace. */
export function useBroker(): TestBroker {
  let dir = '';
  let libs = '';
  let broker: Broker | undefined;
  const running = (): Broker => {
    if (broker === undefined) throw new Error('the broker is there once beforeAll has run');
    return broker;
  };
  beforeAll(async () => {
    libs = await installKafka();
    dir = await mkdtemp(join(tmpdir(), 'sluice-broker-'));
    broker = await startBroker({ dataDir: join(dir, 'kafka'), libs });
  });
  afterAll(async () => {
    await broker?.stop();
    if (dir !== '') await rm(dir, { recursive: true, force: true });
  });
  return {
    get brokers() {
      return running().brokers;
    },
    get kafka() {
      return createKafkaClient({ brokers: [running().brokers] });
    },
    get dir() {
      return dir;
    },
    get pid() {
      return running().pid;
    },
    async kill() {
      process.kill(running().pid, 'SIGKILL');
      await running().exited;
    },
    async restart() {
      broker = await startBroker({ dataDir: join(dir, 'kafka'), libs, ports: running().ports });
    },
  };
}

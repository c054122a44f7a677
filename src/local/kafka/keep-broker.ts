import { setTimeout as sleep } from 'node:timers/promises';
import { asSluiceError } from '../../errors.ts';
import { type Broker, type BrokerOptions, startBroker } from './broker.ts';

/** Milliseconds between two tries to start a broker again. */
const RESTART_MS = 1_000;

export interface KeepBrokerOptions extends BrokerOptions {
  /** Receives what happened to the broker. */
  readonly log: (line: string) => void;
  /** Starts a broker; the real one by default. */
  readonly start?: (options: BrokerOptions) => Promise<Broker>;
}

/** A broker that is there until it is stopped. */
export interface KeptBroker {
  /** Bootstrap address; it stays the same. */
  readonly brokers: string;
  /** Ends the broker for good, also one that is being started again just now. */
  stop(): Promise<void>;
}

/**
 * Starts a broker, and starts it again, on the same ports and records, whenever it ends unasked.
 *
 * @throws SluiceError as `startBroker`, for the first start; later ones are tried until they succeed.
 */
export async function keepBroker({ log, start = startBroker, ...options }: KeepBrokerOptions): Promise<KeptBroker> {
  let broker = await start(options);
  const { brokers, ports } = broker;
  const stopping = new AbortController();
  const again = { dataDir: options.dataDir, libs: options.libs, ports, signal: stopping.signal };

  const restart = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        broker = await start(again);
        log('the Kafka broker answers again');
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        log(`the Kafka broker does not start: ${asSluiceError(error).message}`);
        await sleep(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  };
  const keep = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const { code, signal } = await broker.exited;
      if (stopping.signal.aborted) return;
      log(`the Kafka broker ended (${signal ?? `exit code ${code}`}); starting it again`);
      await restart();
    }
  };
  const kept = keep();

  return {
    brokers,
    async stop() {
      stopping.abort();
      await broker.stop();
      await kept;
      // A restart may have been over at the very moment of the abort.
      await broker.stop();
    },
  };
}

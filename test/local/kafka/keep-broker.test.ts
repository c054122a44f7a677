import { expect, test } from 'vitest';
import type { Broker, BrokerExit, BrokerOptions } from '../../../src/local/kafka/broker.ts';
import { keepBroker } from '../../../src/local/kafka/keep-broker.ts';

// The real broker takes seconds to start, and the moments that matter here last microseconds: a script stands in.

/** A broker that ends when it is told. */
function scriptedBroker() {
  const exit = Promise.withResolvers<BrokerExit>();
  const state = { ended: false };
  const end = (exited: BrokerExit): void => {
    state.ended = true;
    exit.resolve(exited);
  };
  const broker: Broker = {
    brokers: '127.0.0.1:9092',
    ports: { client: 9092, controller: 9093 },
    pid: 1,
    exited: exit.promise,
    stop: async () => end({ code: 143, signal: null }),
  };
  return { broker, state, die: () => end({ code: null, signal: 'SIGKILL' }) };
}

/** Hands out brokers in turn, each when the script says so. */
function starts() {
  const calls: { options: BrokerOptions; answer: PromiseWithResolvers<Broker> }[] = [];
  const arrivals: PromiseWithResolvers<void>[] = [];
  const arrival = (index: number) => {
    arrivals[index] ??= Promise.withResolvers();
    return arrivals[index];
  };
  return {
    start(options: BrokerOptions): Promise<Broker> {
      const answer = Promise.withResolvers<Broker>();
      calls.push({ options, answer });
      arrival(calls.length - 1).resolve();
      return answer.promise;
    },
    /** The call with this index, once it was made. */
    async call(index: number) {
      await arrival(index).promise;
      return calls[index]!;
    },
  };
}

const OPTIONS = { dataDir: '/data', libs: '/libs', log: () => {} };

test('a broker that ends unasked is started again on its ports, as often as it takes', async () => {
  const script = starts();
  const [first, second] = [scriptedBroker(), scriptedBroker()];
  const starting = keepBroker({ ...OPTIONS, start: script.start });
  (await script.call(0)).answer.resolve(first.broker);
  const kept = await starting;
  first.die();
  const failed = await script.call(1);
  expect(failed.options).toMatchObject({ dataDir: '/data', libs: '/libs', ports: first.broker.ports });
  failed.answer.reject(new Error('port taken'));
  (await script.call(2)).answer.resolve(second.broker);
  await kept.stop();
  expect(second.state.ended).toBe(true);
});

test('a broker whose restart is over at the moment of the stop is ended too', async () => {
  const script = starts();
  const [first, second] = [scriptedBroker(), scriptedBroker()];
  const starting = keepBroker({ ...OPTIONS, start: script.start });
  (await script.call(0)).answer.resolve(first.broker);
  const kept = await starting;
  first.die();
  const restart = await script.call(1);
  const stopped = kept.stop();
  expect(restart.options.signal?.aborted).toBe(true);
  restart.answer.resolve(second.broker);
  await stopped;
  expect(second.state.ended).toBe(true);
});

test('a restart that the stop cuts short is no failure', async () => {
  const script = starts();
  const first = scriptedBroker();
  const starting = keepBroker({ ...OPTIONS, start: script.start });
  (await script.call(0)).answer.resolve(first.broker);
  const kept = await starting;
  first.die();
  const restart = await script.call(1);
  const stopped = kept.stop();
  restart.answer.reject(restart.options.signal?.reason);
  await stopped;
});

import { once } from 'node:events';
import type { Kafka } from 'kafkajs';
import { SluiceError } from '../../errors.ts';
import type { FetchedBatch, SubscribeOptions, Subscription } from '../../ports/event-log.ts';
import type { KafkaLog } from './client.ts';
import { onceCoordinated } from './coordinator.ts';
import type { Handling } from './handling.ts';
import { joinGroup, type Member } from './member.ts';
import { endsWithin, pause, persist, reasonOf } from './patience.ts';

/** Milliseconds between losing a member and joining with another. */
const REJOIN_MS = 500;
/** Milliseconds a stopping subscription gets beside the time for its handlers. */
const FAREWELL_MS = 6_000;

export interface SubscriptionSettings {
  /** Milliseconds without a heartbeat after which the group takes a member for dead. */
  readonly sessionTimeoutMs: number;
  /** Milliseconds `stop` waits for running handlers. */
  readonly stopTimeoutMs: number;
  readonly log: KafkaLog;
}

/**
 * Joins a consumer group and stays in it until stopped, through outages of any length: kafkajs gives up after a
 * number of retries, and then another member takes the place of the lost one.
 * @throws SluiceError SLUICE_LOG_UNAVAILABLE when the group cannot be joined now.
 */
export async function openSubscription(
  kafka: Kafka,
  { group, topics }: SubscribeOptions,
  handler: (batch: FetchedBatch) => Promise<void>,
  { sessionTimeoutMs, stopTimeoutMs, log }: SubscriptionSettings,
): Promise<Subscription> {
  const stopping = new AbortController();
  const asked = once(stopping.signal, 'abort');
  const handlings = new Map<string, Handling>();
  const memberOptions = { kafka, group, topics, handler, handlings, sessionTimeoutMs, log, stopping: stopping.signal };
  const join = (): Promise<Member> => joinGroup(memberOptions);

  const stayJoined = async (first: Member): Promise<void> => {
    let member: Member | undefined = first;
    while (member !== undefined && !stopping.signal.aborted) {
      const lost = await Promise.race([member.lost, asked]);
      if (stopping.signal.aborted) break;
      log('warn', `consumer group ${group}: ${reasonOf(lost)}; joining again`);
      for (const handling of handlings.values()) handling.revoke();
      await member.leave();
      member = undefined;
      await pause(REJOIN_MS, stopping.signal);
      await persist(
        async () => {
          member = stopping.signal.aborted ? undefined : await join();
        },
        stopping.signal,
        (error) => log('warn', `consumer group ${group} cannot be joined: ${reasonOf(error)}`),
      );
    }
    for (const handling of handlings.values()) handling.giveUp();
    const ended = Promise.all([...handlings.values()].map((handling) => handling.ended));
    if (!(await endsWithin(stopTimeoutMs, ended))) {
      log('warn', `consumer group ${group}: a handler still runs after ${stopTimeoutMs / 1000} s; not waiting longer`);
    }
    await member?.leave();
  };

  const first = await onceCoordinated(join).catch((cause) => {
    const message = `The consumer group ${group} cannot be joined: ${reasonOf(cause)}`;
    throw new SluiceError('SLUICE_LOG_UNAVAILABLE', message, { cause });
  });
  const life = stayJoined(first);
  return {
    async stop() {
      stopping.abort();
      await endsWithin(stopTimeoutMs + FAREWELL_MS, life);
    },
  };
}

import type { Codec, Encoded } from '../codec/codec.ts';
import { isEventId } from '../codec/event-id.ts';
import { fault, parseBody, splitArray, splitLines } from '../codec/json-body.ts';
import { MAX_EVENT_BYTES } from '../derive/edge-limits.ts';
import { deriveModel } from '../derive/model.ts';
import { ERRORS, type Fault, SluiceError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Queue, QueueMessage } from '../ports/queue.ts';
import { compileModelValidator, type ModelValidator } from './model-validator.ts';

export { MAX_EVENT_BYTES };
/** Largest body of a batch, in bytes. */
export const MAX_BATCH_BYTES = 8 * 1024 * 1024;
/** Most events of a batch. */
export const MAX_BATCH_EVENTS = 10_000;

export interface AcceptPorts {
  readonly codecOf: (eventType: string) => Codec | undefined;
  /** Asks the registry for a version, such as `v3`, that a writer states and nobody here knows. Never rejects. */
  readonly learn: (eventType: string, version: `v${number}`) => Promise<void>;
  readonly queue: Pick<Queue, 'send'>;
  readonly clock: Clock;
  /** A new id for an event that brings none. */
  readonly newEventId: () => string;
}

/** What a request says beside its body. */
export interface RequestContext {
  /** `Event-Id` header: the same id twice is one row in the de-duplicated view. */
  readonly eventId?: string | undefined;
  /** `Schema-Version`: the version that the body is written with; the newest that takes it where none is stated. */
  readonly version?: number | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
}

export type Acceptance =
  | { readonly ok: true; readonly eventId: string }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export interface Accept {
  /**
   * Takes one event. Resolves only when it is durable in the queue, or with every fault it has.
   * @throws SluiceError SLUICE_EVENT_TYPE_UNKNOWN, and whatever `Queue.send` throws: then nothing was taken.
   */
  event(eventType: string, body: Uint8Array, context?: RequestContext): Promise<Acceptance>;
  /**
   * Takes the good events of a batch, whatever the others are; one answer for each, in their order.
   * @param format `lines`: NDJSON, blank lines do not count. `array`: one JSON array.
   * @throws as `event`; and with faults where the batch's items cannot be told apart, or are too many.
   */
  batch(
    eventType: string,
    body: Uint8Array,
    format: 'lines' | 'array',
    context?: RequestContext,
  ): Promise<Acceptance[]>;
}

/** The edge: the request model, then the codec's own check, then the queue. */
export function createAccept({ codecOf, learn, queue, clock, newEventId }: AcceptPorts): Accept {
  const checks = new WeakMap<Codec, ModelValidator>();

  const check = (codec: Codec, body: Uint8Array, version: number | undefined): Encoded => {
    if (body.length > MAX_EVENT_BYTES) {
      return refused(fault('SLUICE_BODY_TOO_LARGE', '$', `send at most ${MAX_EVENT_BYTES} bytes for an event`));
    }
    const parsed = parseBody(body);
    if (!parsed.ok) return parsed;
    const validate = checks.get(codec) ?? compileModelValidator(deriveModel(codec.history), codec.showWay);
    checks.set(codec, validate);
    const mismatch = validate(parsed.value);
    const encoded = codec.encodeParsed(body, parsed, version);
    // The codec names all faults, and in better words; the model only ever refuses what the codec refuses too.
    return mismatch !== undefined && encoded.ok ? refused(mismatch) : encoded;
  };

  const known = async (eventType: string, { version }: RequestContext): Promise<Codec> => {
    const codec = codecOf(eventType);
    if (codec !== undefined) {
      const { versions, refused } = codec.history;
      const isStated = (candidate: { readonly version: number }) => candidate.version === version;
      if (version === undefined || versions.some(isStated) || refused.some(isStated)) return codec;
      await learn(eventType, `v${version}`);
      return codecOf(eventType) ?? codec;
    }
    throw new SluiceError('SLUICE_EVENT_TYPE_UNKNOWN', 'GET /schemas lists the event types that are known');
  };

  const message = (
    eventType: string,
    body: Uint8Array,
    encoded: { readonly version: number; readonly eventId: string | undefined },
    { eventId, version, traceparent }: RequestContext,
  ): QueueMessage => ({
    eventType,
    eventId: eventId ?? encoded.eventId ?? newEventId(),
    acceptedAt: clock.now(),
    // What has superseded the stated version is settled here, where the body was judged by it.
    version: version === undefined ? undefined : encoded.version,
    body,
    traceparent,
  });

  return {
    async event(eventType, body, context = {}) {
      const codec = await known(eventType, context);
      if (context.eventId !== undefined && !isEventId(context.eventId)) {
        return refused(fault('SLUICE_EVENT_ID', '$', 'send such an Event-Id header, or none'));
      }
      const encoded = check(codec, body, context.version);
      if (!encoded.ok) return encoded;
      const sent = message(eventType, body, encoded, context);
      await queue.send([sent]);
      return { ok: true, eventId: sent.eventId };
    },

    async batch(eventType, body, format, context = {}) {
      const codec = await known(eventType, context);
      const items = split(body, format);
      const checked = items.map((item) => check(codec, item, context.version));
      const messages: QueueMessage[] = [];
      const acceptances = checked.map((encoded, index): Acceptance => {
        if (!encoded.ok) return encoded;
        const sent = message(eventType, items[index]!, encoded, { ...context, eventId: undefined });
        messages.push(sent);
        return { ok: true, eventId: sent.eventId };
      });
      if (messages.length > 0) await queue.send(messages);
      return acceptances;
    },
  };
}

function refused(only: Fault): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults: [only] };
}

function split(body: Uint8Array, format: 'lines' | 'array'): Uint8Array[] {
  const items = format === 'lines' ? splitLines(body) : splitArray(body);
  if (items === undefined) throw broken(fault('SLUICE_JSON_SYNTAX', '$', 'send one JSON array of events'));
  if (items.length === 0) throw broken(fault('SLUICE_BODY_EMPTY', '$', 'send at least one event'));
  if (items.length > MAX_BATCH_EVENTS) {
    throw broken(fault('SLUICE_BODY_TOO_LARGE', '$', `send at most ${MAX_BATCH_EVENTS} events in a batch`));
  }
  return items;
}

function broken(only: Fault): SluiceError {
  return new SluiceError(only.code, ERRORS[only.code].rule, { faults: [only] });
}

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Codec } from '../src/codec/codec.ts';
import { compileDecoder, type Decoder } from '../src/codec/decode.ts';
import type { RecordNode } from '../src/schema/ast.ts';
import { type SchemaHistory, type SchemaVersion, schemaHistory } from '../src/schema/history.ts';
import { type BodySample, bodiesOf } from './arbitraries/bodies.ts';
import { chainHistories } from './arbitraries/chains.ts';
import { codecOf } from './codec.ts';
import type { LawContext, Subject, Verdict } from './law.ts';
import { checkCases, type Failure } from './property.ts';

/** The codec of a history as it was when a version was its newest. Compiled once: there are many events of each. */
export function codecAt(history: SchemaHistory, { version }: SchemaVersion): Codec {
  const known = CODECS.get(history) ?? new Map<number, Codec>();
  CODECS.set(history, known);
  const codec = known.get(version) ?? codecOf(historyAt(history, version));
  known.set(version, codec);
  return codec;
}

const CODECS = new WeakMap<SchemaHistory, Map<number, Codec>>();

function historyAt(history: SchemaHistory, version: number): SchemaHistory {
  return schemaHistory(
    history.eventType,
    history.versions.filter((one) => one.version <= version),
  );
}

/** The decoder of one version as another. Compiled once, too. */
export function decoderOf({ root: writer }: SchemaVersion, { root: reader }: SchemaVersion): Decoder {
  const known = DECODERS.get(writer) ?? new WeakMap<RecordNode, Decoder>();
  DECODERS.set(writer, known);
  const decode = known.get(reader) ?? compileDecoder(writer, reader);
  known.set(reader, decode);
  return decode;
}

const DECODERS = new WeakMap<RecordNode, WeakMap<RecordNode, Decoder>>();

/** An event of one version of a history. */
export interface EventAlong {
  readonly sample: BodySample;
  readonly writer: SchemaVersion;
  /** What it is read as: its own version, or a later one. */
  readonly reader: SchemaVersion;
}

/** Events of one history. It takes longer to make one than to try an event of it. */
interface Drawn {
  readonly history: SchemaHistory;
  readonly events: readonly EventAlong[];
}

/** Events of one history at most that are drawn together, and histories of a batch. */
const MOST_EVENTS = 8;
const HISTORIES = 10;

/** Seeds that a run may have. */
const SEEDS = 2 ** 31;

/**
 * Tries events along the subject's own history and along generated ones. A case is an event.
 *
 * Each event type has a seed of its own: else every one of a run would try the same generated histories. A
 * counterexample has the seed that the run must be given to come upon it again.
 *
 * @param check is asked about what a batch has of one history.
 */
export async function checkAlongHistories(
  subject: Subject,
  context: LawContext,
  check: (history: SchemaHistory, events: readonly EventAlong[]) => Promise<Failure | undefined>,
): Promise<Verdict> {
  const own = fc.constant(subject.history);
  const drawn = fc.oneof({ arbitrary: own, weight: 2 }, chainHistories).chain(eventsOf);
  const show = ({ history, events }: Drawn) =>
    [
      ...(history === subject.history ? [] : history.versions.map(({ definition }) => JSON.stringify(definition))),
      ...events.map(({ sample, writer, reader }) => `v${writer.version} at v${reader.version}: ${sample.text}`),
    ].join('\n');
  const several = { count: ({ events }: Drawn) => events.length, most: MOST_EVENTS };
  const options = { batch: HISTORIES * MOST_EVENTS, show, several };
  const offset = createHash('sha256').update(subject.eventType).digest().readUInt32BE(0) % SEEDS;
  const seeded = { ...context, seed: (context.seed + offset) % SEEDS };
  const verdict = await checkCases(seeded, drawn, options, async (batch) => {
    for (const [history, events] of byHistory(batch)) {
      const failure = await check(history, events);
      if (failure !== undefined) return failure;
    }
    return undefined;
  });
  if (verdict.status !== 'broken') return verdict;
  const { counterexample } = verdict;
  return { ...verdict, counterexample: { ...counterexample, seed: (counterexample.seed - offset + SEEDS) % SEEDS } };
}

function eventsOf(history: SchemaHistory): fc.Arbitrary<Drawn> {
  const { versions } = history;
  const event = fc.nat({ max: versions.length - 1 }).chain((index): fc.Arbitrary<EventAlong> => {
    const writer = versions[index]!;
    return fc.record({
      sample: bodiesOf(writer.root, writer.settings),
      writer: fc.constant(writer),
      reader: fc.constantFrom(...versions.slice(index)),
    });
  });
  const events = fc.array(event, { minLength: 1, maxLength: MOST_EVENTS, size: 'max' });
  return fc.record({ history: fc.constant(history), events });
}

/** The subject's own history may be drawn several times. */
function byHistory(batch: readonly Drawn[]): Map<SchemaHistory, readonly EventAlong[]> {
  const groups = new Map<SchemaHistory, readonly EventAlong[]>();
  for (const { history, events } of batch) groups.set(history, [...(groups.get(history) ?? []), ...events]);
  return groups;
}

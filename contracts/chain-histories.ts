import { createHash } from 'node:crypto';
import type { Codec } from '../src/codec/codec.ts';
import { compileDecoder, type Decoder } from '../src/codec/decode.ts';
import type { RecordNode } from '../src/schema/ast.ts';
import { type SchemaHistory, type SchemaVersion, schemaHistory } from '../src/schema/history.ts';
import { codecOf } from './codec.ts';
import type { LawContext, Subject, Verdict } from './law.ts';

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

/** Seeds that a run may have. */
const SEEDS = 2 ** 31;

/**
 * Checks with a seed of the event type's own: else every event type of a run would try the same generated histories. A
 * counterexample has the seed that the run must be given to come upon it again.
 */
export async function checkBySubject(
  { eventType }: Subject,
  context: LawContext,
  check: (context: LawContext) => Promise<Verdict>,
): Promise<Verdict> {
  const offset = createHash('sha256').update(eventType).digest().readUInt32BE(0) % SEEDS;
  const verdict = await check({ ...context, seed: (context.seed + offset) % SEEDS });
  if (verdict.status !== 'broken') return verdict;
  const { counterexample } = verdict;
  return { ...verdict, counterexample: { ...counterexample, seed: (counterexample.seed - offset + SEEDS) % SEEDS } };
}

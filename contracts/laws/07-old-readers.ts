import fc from 'fast-check';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { readFrame } from '../../src/codec/framing.ts';
import { SluiceError } from '../../src/errors.ts';
import type { SchemaHistory, SchemaVersion } from '../../src/schema/history.ts';
import { type BodySample, bodiesOf } from '../arbitraries/bodies.ts';
import { chainHistories } from '../arbitraries/chains.ts';
import { checkBySubject, codecAt, decoderOf } from '../chain-histories.ts';
import { encoded } from '../codec.ts';
import { differenceOf } from '../difference.ts';
import { untagged } from '../edge-value.ts';
import { isExplained } from '../explained.ts';
import type { Law } from '../law.ts';
import { lowerUuids } from '../lower-uuids.ts';
import { checkCases, type Failure } from '../property.ts';
import { parsed } from '../readers/json.ts';
import { type AvroReader, ValueRefused } from '../readers/readers.ts';

/** An event of one version, to be read as a later one. */
interface Case {
  readonly history: SchemaHistory;
  readonly writer: SchemaVersion;
  readonly reader: SchemaVersion;
  readonly sample: BodySample;
}

export const OLD_READERS: Law = {
  number: 7,
  id: 'old-readers',
  statement:
    "An event that was written with any version of a chain is decoded by every later one as Apache Avro's Java library decodes it.",
  why: 'A replay reads years of old events as the newest version; what Java readers of the topic see must be what the tables have.',
  needs: ['avro-java'],
  check(subject, context) {
    const own = fc.constant(subject.history);
    const cases = fc.oneof({ arbitrary: own, weight: 2 }, chainHistories).chain((history) =>
      fc.nat({ max: history.versions.length - 1 }).chain((index): fc.Arbitrary<Case> => {
        const writer = history.versions[index]!;
        return fc.record({
          history: fc.constant(history),
          writer: fc.constant(writer),
          reader: fc.constantFrom(...history.versions.slice(index)),
          sample: bodiesOf(writer.root, writer.settings),
        });
      }),
    );
    const show = ({ history, writer, reader, sample }: Case) =>
      [
        `v${writer.version} read as v${reader.version}: ${sample.text}`,
        ...(history === subject.history ? [] : [writer, reader].map(({ definition }) => JSON.stringify(definition))),
      ].join('\n');
    return checkBySubject(subject, context, (seeded) =>
      checkCases(seeded, cases, { batch: 50, show }, async (batch) => {
        const java = await context.readers.avroJava();
        for (const group of byPair(batch)) {
          const failure = await comparedWith(java, group);
          if (failure !== undefined) return failure;
        }
        return undefined;
      }),
    );
  },
};

/** Cases of one writer and one reader, which are asked about together. */
function byPair(batch: readonly Case[]): Case[][] {
  const pairs = new Map<SchemaVersion, Map<SchemaVersion, Case[]>>();
  for (const one of batch) {
    const readers = pairs.get(one.writer) ?? new Map<SchemaVersion, Case[]>();
    pairs.set(one.writer, readers.set(one.reader, [...(readers.get(one.reader) ?? []), one]));
  }
  return [...pairs.values()].flatMap((readers) => [...readers.values()]);
}

async function comparedWith(java: AvroReader, group: readonly Case[]): Promise<Failure | undefined> {
  const { history, writer, reader } = group[0]!;
  const codec = codecAt(history, writer);
  const values = group.map(({ sample }) => {
    const { bytes, start } = readFrame(encoded(codec, sample, writer.version));
    return Buffer.from(bytes.subarray(start));
  });
  const decode = decoderOf(writer, reader);
  let theirs: unknown[];
  try {
    theirs = await java.decode(writer.definition, reader.definition, values);
  } catch (error) {
    if (!(error instanceof ValueRefused)) throw error;
    const value = values[error.index]!;
    const ours = attempt(() => decode(new AvroSource(value, 0)));
    // Both refuse it: a symbol or a branch that the reader does not have.
    if (ours instanceof SluiceError || isExplained('avro', error.message))
      return comparedRest(java, group, error.index);
    return { field: '$', details: `Apache Avro refuses (${error.message}) what we decode as ${beginning(ours)}` };
  }
  for (const [index, value] of values.entries()) {
    const ours = attempt(() => decode(new AvroSource(value, 0)));
    if (ours instanceof SluiceError) {
      if (isExplained('sluice', ours.message)) continue;
      return {
        field: '$',
        details: `we refuse (${ours.message}) what Apache Avro decodes as ${beginning(JSON.stringify(theirs[index]))}`,
      };
    }
    const failure = differenceOf(lowerUuids(parsed(ours)), lowerUuids(untagged(reader.root, theirs[index])));
    if (failure !== undefined) {
      return {
        ...failure,
        details: failure.details.replace('was sent, and', 'is what Apache Avro decodes, and from us'),
      };
    }
  }
  return undefined;
}

function comparedRest(java: AvroReader, group: readonly Case[], without: number): Promise<Failure | undefined> {
  const rest = group.filter((_, index) => index !== without);
  return rest.length === 0 ? Promise.resolve(undefined) : comparedWith(java, rest);
}

/** As much of a value as a person reads. */
function beginning(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function attempt<T>(work: () => T): T | SluiceError {
  try {
    return work();
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
}

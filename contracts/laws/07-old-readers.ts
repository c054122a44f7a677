import { AvroSource } from '../../src/codec/avro-source.ts';
import { readFrame } from '../../src/codec/framing.ts';
import { SluiceError } from '../../src/errors.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { checkAlongHistories, codecAt, decoderOf, type EventAlong } from '../chain-histories.ts';
import { encoded } from '../codec.ts';
import { differenceOf } from '../difference.ts';
import { untagged } from '../edge-value.ts';
import { isExplained } from '../explained.ts';
import type { Law } from '../law.ts';
import { lowerUuids } from '../lower-uuids.ts';
import type { Failure } from '../property.ts';
import { parsed } from '../readers/json.ts';
import { type AvroReader, ValueRefused } from '../readers/readers.ts';

export const OLD_READERS: Law = {
  number: 7,
  id: 'old-readers',
  statement:
    "An event that was written with any version of a chain is decoded by every later one as Apache Avro's Java library decodes it.",
  why: 'A replay reads years of old events as the newest version; what Java readers of the topic see must be what the tables have.',
  needs: ['avro-java'],
  check(subject, context) {
    return checkAlongHistories(subject, context, async (history, events) => {
      const java = await context.readers.avroJava();
      for (const group of byPair(events)) {
        const failure = await comparedWith(java, history, group);
        if (failure !== undefined) return failure;
      }
      return undefined;
    });
  },
};

/** Events of one writer and one reader, which are asked about together. */
function byPair(events: readonly EventAlong[]): EventAlong[][] {
  const pairs = Map.groupBy(events, ({ writer, reader }) => `${writer.version} ${reader.version}`);
  return [...pairs.values()];
}

async function comparedWith(
  java: AvroReader,
  history: SchemaHistory,
  group: readonly EventAlong[],
): Promise<Failure | undefined> {
  const { writer, reader } = group[0]!;
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
      return comparedRest(java, history, group, error.index);
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

function comparedRest(
  java: AvroReader,
  history: SchemaHistory,
  group: readonly EventAlong[],
  without: number,
): Promise<Failure | undefined> {
  const rest = group.filter((_, index) => index !== without);
  return rest.length === 0 ? Promise.resolve(undefined) : comparedWith(java, history, rest);
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

import fc from 'fast-check';
import { AvroSource } from '../../src/codec/avro-source.ts';
import type { Codec } from '../../src/codec/codec.ts';
import { compileDecoder, type Decoder } from '../../src/codec/decode.ts';
import { readFrame } from '../../src/codec/framing.ts';
import type { SchemaVersion } from '../../src/schema/history.ts';
import { type BodySample, bodiesOf } from '../arbitraries/bodies.ts';
import { codecOf, encoded, standingVersions } from '../codec.ts';
import { differenceOf } from '../difference.ts';
import { edgeValue, told, untagged } from '../edge-value.ts';
import type { Law } from '../law.ts';
import { checkCases, type Failure } from '../property.ts';
import { parsed } from '../readers/json.ts';
import { type AvroReader, ValueRefused } from '../readers/readers.ts';

/** Values of one version, which a foreign library is asked about together. */
interface Group {
  readonly version: SchemaVersion;
  readonly decode: Decoder;
  readonly samples: BodySample[];
}

export const AVRO_FOREIGN_EYES: Law = {
  number: 3,
  id: 'avro-foreign-eyes',
  statement:
    "Apache Avro's Java library and fastavro read the bytes that Sluice writes as the values that were sent, and Sluice reads theirs.",
  why: 'Whoever reads the topic does so by one of these libraries; a codec that only agrees with itself is a private format.',
  needs: ['avro-java', 'fastavro'],
  check({ history }, context) {
    const codec = codecOf(history);
    const versions = standingVersions(history).map((version) => ({
      version,
      decode: compileDecoder(version.root, version.root),
    }));
    const cases = fc.nat({ max: versions.length - 1 }).chain((which) => {
      const { root, settings } = versions[which]!.version;
      return bodiesOf(root, settings).map((sample) => ({ which, sample }));
    });
    return checkCases(context, cases, { batch: 100, show: ({ sample }) => sample.text }, async (batch) => {
      const [java, fastavro] = await Promise.all([context.readers.avroJava(), context.readers.fastavro()]);
      const groups = versions.map((version, index): Group => {
        return { ...version, samples: batch.filter(({ which }) => which === index).map(({ sample }) => sample) };
      });
      for (const group of groups.filter(({ samples }) => samples.length > 0)) {
        const failures = await Promise.all([
          exchange("Apache Avro's Java library", java, codec, group),
          exchange('fastavro', fastavro, codec, group),
        ]);
        const failure = failures.find((one) => one !== undefined);
        if (failure !== undefined) return failure;
      }
      return undefined;
    });
  },
};

/** Has a library read what Sluice writes, and write what Sluice reads. */
async function exchange(
  name: string,
  reader: AvroReader,
  codec: Codec,
  { version, decode, samples }: Group,
): Promise<Failure | undefined> {
  const { definition, root } = version;
  const values = samples.map(({ avro, back }) => edgeValue(root, avro, back));
  const ours = samples.map((sample) => {
    const { bytes, start } = readFrame(encoded(codec, sample, version.version));
    return bytes.subarray(start);
  });
  try {
    const read = await reader.decode(definition, definition, ours);
    for (const [index, value] of values.entries()) {
      const failure = differenceOf(read[index], value);
      if (failure !== undefined) return { ...failure, details: `${name} reads our bytes: ${failure.details}` };
    }
    const theirs = await reader.encode(definition, values.map(told), { blocks: true });
    for (const [index, value] of values.entries()) {
      const failure = differenceOf(
        parsed(decode(new AvroSource(Buffer.from(theirs[index]!), 0))),
        untagged(root, value),
      );
      if (failure !== undefined) return { ...failure, details: `we read the bytes of ${name}: ${failure.details}` };
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof ValueRefused)) throw error;
    return { field: '$', details: `${name} refuses ${samples[error.index]!.text}: ${error.message}` };
  }
}

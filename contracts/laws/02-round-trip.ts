import fc from 'fast-check';
import { AvroSource } from '../../src/codec/avro-source.ts';
import { compileDecoder } from '../../src/codec/decode.ts';
import { readFrame } from '../../src/codec/framing.ts';
import { bodiesOf } from '../arbitraries/bodies.ts';
import { codecsOf, encoded, standingVersions } from '../codec.ts';
import { differenceOf } from '../difference.ts';
import { longFloatOf } from '../float-digits.ts';
import type { Law } from '../law.ts';
import { checkCases } from '../property.ts';
import { parsed } from '../readers/json.ts';

export const ROUND_TRIP: Law = {
  number: 2,
  id: 'round-trip',
  statement: 'A body that is written as Avro and read again has the values that were sent, as the mapping defines.',
  why: 'A long that loses its last digits, or an empty text that becomes null, is a wrong answer that nobody notices.',
  needs: [],
  check({ history }, context) {
    const codecs = fc.constantFrom(...codecsOf(history));
    const cases = fc.tuple(codecs, fc.constantFrom(...standingVersions(history))).chain(([codec, version]) => {
      const decode = compileDecoder(version.root, version.root);
      return bodiesOf(version.root, version.settings).map((sample) => ({ ...sample, codec, version, decode }));
    });
    return checkCases(context, cases, { batch: 50, show: ({ text }) => text }, (batch) => {
      for (const { text, back, codec, version, decode } of batch) {
        const { bytes, start } = readFrame(encoded(codec, { text }, version.version));
        const value = parsed(decode(new AvroSource(bytes, start)));
        const failure = differenceOf(value, back) ?? longFloatOf(value, back);
        if (failure !== undefined) return failure;
      }
      return undefined;
    });
  },
};

import fc from 'fast-check';
import { ERRORS } from '../../src/errors.ts';
import { readHeaders } from '../../src/stages/headers.ts';
import { createTransformation } from '../../src/stages/transform.ts';
import { bodiesOf } from '../arbitraries/bodies.ts';
import { codecOf, encoded, framed } from '../codec.ts';
import type { Law } from '../law.ts';
import { checkCases, type Failure } from '../property.ts';

/** Bytes that a stage is given, and what they were made from. */
interface Case {
  readonly bytes: Uint8Array;
  readonly origin: 'random' | 'body' | 'record' | 'row';
}

/** Most bytes that one byte of input may become. */
const MAX_GROWTH = 200;
/** Bytes that the defaults and system columns of a schema may add to any input. */
const MAX_ADDED = 1024 * 1024;

export const TOTALITY: Law = {
  number: 10,
  id: 'totality',
  statement:
    'Any bytes at all, into any stage, give a value or an error with a code, and no more bytes than fit their size.',
  why: 'One poisoned record that a stage throws at stops its partition, and everything behind it.',
  needs: [],
  check({ history }, context) {
    const codec = codecOf(history);
    const transform = createTransformation(codec);
    const body = bodiesOf(history.newest.root, history.newest.settings);
    const valid = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => ({ bytes, origin: 'random' as const })),
      body.map(({ text }) => ({ bytes: Buffer.from(text), origin: 'body' as const })),
      body.map((sample) => ({ bytes: encoded(codec, sample, history.newest.version), origin: 'record' as const })),
      body.map((sample) => {
        const value = encoded(codec, sample, history.newest.version);
        return { bytes: codec.toRows([framed(value, 0)]).data, origin: 'row' as const };
      }),
    );
    const cases: fc.Arbitrary<Case> = fc
      .tuple(
        valid,
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom('set', 'cut', 'grow')), { maxLength: 4 }),
      )
      .map(([{ bytes, origin }, changes]) => ({ bytes: changes.reduce(mutate, bytes), origin }));
    const show = ({ bytes, origin }: Case) => `${origin}: 0x${Buffer.from(bytes).toString('hex')}`;
    return checkCases(context, cases, { batch: 50, show }, (batch) => {
      for (const { bytes } of batch) {
        const limit = bytes.length * MAX_GROWTH + MAX_ADDED;
        const failure =
          attempt('encode', () => sized(codec.encode(bytes), limit)) ??
          attempt('toRows', () => sized(codec.toRows([framed(bytes, 0)]), limit)) ??
          attempt('toCsv', () => sized(codec.toCsv(bytes), limit)) ??
          attempt('redact', () => void codec.redact(bytes)) ??
          attempt('headers', () => void readHeaders({ 'event-id': bytes, 'ingested-at': bytes })) ??
          attempt('transform', () => {
            const record = {
              recordId: 'r',
              approximateArrivalTimestamp: 0,
              data: Buffer.from(bytes).toString('base64'),
            };
            const { records } = transform({ invocationId: '', deliveryStreamArn: '', region: '', records: [record] });
            if (records.length !== 1 || records[0]!.recordId !== 'r') throw new Error('the record has lost its answer');
          });
        if (failure !== undefined) return failure;
      }
      return undefined;
    });
  },
};

function mutate(bytes: Uint8Array, [at, byte, how]: [number, number, string]): Uint8Array {
  const index = bytes.length === 0 ? 0 : at % bytes.length;
  if (how === 'cut') return bytes.subarray(0, index);
  if (how === 'grow') return Buffer.concat([bytes.subarray(0, index), Buffer.of(byte), bytes.subarray(index)]);
  const changed = Buffer.from(bytes);
  if (changed.length > 0) changed[index] = byte;
  return changed;
}

/** Where a result says that something is wrong, it says so by a code. */
function sized(result: object, limit: number): void {
  const {
    data,
    value,
    faults = [],
    unread = [],
  } = result as {
    data?: Buffer;
    value?: Buffer;
    faults?: readonly { code: string }[];
    unread?: readonly { code: string }[];
  };
  const bytes = (data ?? value)?.length ?? 0;
  if (bytes > limit) throw new Error(`it has become ${bytes} bytes`);
  for (const { code } of [...faults, ...unread]) {
    if (!Object.hasOwn(ERRORS, code) || code === 'SLUICE_INTERNAL') throw new Error(`an error without a code: ${code}`);
  }
}

function attempt(stage: string, work: () => void): Failure | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { field: '$', details: `${stage} threw: ${(error as Error).message}` };
  }
}

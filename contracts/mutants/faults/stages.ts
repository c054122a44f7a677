import type { Mutant } from '../mutant.ts';

const CODEC = 'src/codec/codec.ts';
const PRODUCE = 'src/stages/produce.ts';
const CONSUME = 'src/stages/consume.ts';

/** Faults that lose events between two stages, or stop them. */
export const STAGE_FAULTS: readonly Mutant[] = [
  {
    id: 'produce-fault-swallowed',
    description: 'A body that cannot be encoded is dropped without a word',
    file: PRODUCE,
    find: "fail(message, encoded.faults[0]!, encoded.faults.map(({ path, rule }) => `${path}: ${rule}`).join('; '));",
    replace: '',
  },
  {
    id: 'produce-refusal-swallowed',
    description: 'A record that the cluster refuses is dropped without a word',
    file: PRODUCE,
    find: "if (!result.ok) fail(recorded[index]!, { code: result.code, path: '$' }, result.reason);",
    replace: 'void result;',
  },
  {
    id: 'produce-order',
    description: 'A batch is written in reverse order',
    file: PRODUCE,
    find: 'await eventLog.append(records);',
    replace: 'await eventLog.append(records.toReversed());',
  },
  {
    id: 'produce-failed-only-first',
    description: 'Of the events of a batch that fail only the first is kept',
    file: PRODUCE,
    find: 'await failedEvents.put(failed);',
    replace: 'await failedEvents.put(failed.slice(0, 1));',
  },
  {
    id: 'consume-unread-swallowed',
    description: 'A record that cannot be read is dropped without a word',
    file: CONSUME,
    find: 'fail(record, headers, unread);',
    replace: '',
  },
  {
    id: 'consume-tombstone-swallowed',
    description: 'A record without a value is dropped without a word',
    file: CONSUME,
    find: 'if (record.value === null) {',
    replace: 'if (record.value === null) continue;\n      if (record.value === null) {',
  },
  {
    id: 'consume-neighbours-dropped',
    description: 'A record that cannot be read takes the others of its batch along',
    file: CONSUME,
    find: 'if (packed.length > 0) await',
    replace: 'if (packed.length > 0 && rows.unread.length === 0) await',
  },
  {
    id: 'consume-wrong-neighbour',
    description: 'The record before the one that cannot be read is kept as the failed one',
    file: CONSUME,
    find: 'const { record, headers } = sources[unread.index]!;',
    replace: 'const { record, headers } = sources[Math.max(0, unread.index - 1)]!;',
  },
  {
    id: 'consume-event-id-ignored',
    description: 'An event is called by its offset although it has an id',
    file: CONSUME,
    find: 'eventId: headers.eventId ?? `${topic}:${partition}:${record.offset}`,',
    replace: 'eventId: `${topic}:${partition}:${record.offset}`,',
  },
  {
    id: 'rows-stop-at-unread',
    description: 'A value that cannot be read stops its batch',
    file: CODEC,
    find: 'const { code, message } = asSluiceError(error);\n        const wantedId',
    replace:
      'if (index > 0) throw error;\n        const { code, message } = asSluiceError(error);\n        const wantedId',
  },
  {
    id: 'rows-left-over',
    description: 'A value with bytes left over is read all the same, although another schema wrote it',
    file: CODEC,
    find: 'source.expectEnd();',
    replace: '',
  },
  {
    id: 'pack-last-lost',
    description: 'The last delivery record of a batch is never sent',
    file: 'src/stages/deliver.ts',
    find: 'const isLast = row === ends.length - 1;',
    replace: 'const isLast = row === ends.length;',
  },
  {
    id: 'pack-row-twice',
    description: 'A delivery record begins with the rows of the one before',
    file: 'src/stages/deliver.ts',
    find: 'start = ends[row]!;',
    replace: '',
  },
  {
    id: 'transform-stops',
    description: 'A line that is no row stops the transformation',
    file: CODEC,
    find: 'malformed.push({ line, reason: (error as Error).message });',
    replace: 'throw error;',
  },
  {
    id: 'transform-answer-lost',
    description: 'A record that holds no row is left out of the answer',
    file: 'src/stages/transform.ts',
    find: 'return { records: records.map(transform), rejected };',
    replace: "return { records: records.map(transform).filter(({ result }) => result !== 'Dropped'), rejected };",
  },
  {
    id: 'transform-neighbours-dropped',
    description: 'A line that is no row takes the other lines of its record along',
    file: 'src/stages/transform.ts',
    find: 'const isDropped = csv.length === 0;',
    replace: 'const isDropped = csv.length === 0 || malformed.length > 0;',
  },
  {
    id: 'source-unbounded-read',
    description: 'A length beyond the data is not checked before it is read',
    file: 'src/codec/avro-source.ts',
    find: 'if (bytes > this.#bytes.length - start) throw truncated();',
    replace: '',
  },
  {
    id: 'frame-little-endian',
    description: 'The schema id in front of a value is written in the wrong order of bytes',
    file: 'src/codec/framing.ts',
    find: 'head.writeInt32BE(ids.confluent, 1);',
    replace: 'head.writeInt32LE(ids.confluent, 1);',
  },
  {
    id: 'frame-uncompressed-mark',
    description: 'A compressed value does not say that it is',
    file: 'src/codec/framing.ts',
    find: 'compressed[1] = ZLIB;',
    replace: '',
  },
];

import type { Codec, FramedValue } from '../src/codec/codec.ts';
import { createTransformation } from '../src/stages/transform.ts';

/**
 * The CSV lines of framed values, each with its LF, by the way that they take: rows of JSON, and the transformation of the
 * delivery stream.
 *
 * @throws Error where one of them gets no line, which is another law's business.
 */
export function linesOf(codec: Codec, values: readonly FramedValue[]): Buffer[] {
  const transform = createTransformation(codec);
  const { data, ends, unread } = codec.toRows(values);
  if (unread.length > 0) throw new Error(`a value is not read: ${JSON.stringify(unread[0], plainBigints)}`);
  return ends.map((end, index) => {
    const row = data.subarray(ends[index - 1] ?? 0, end).toString('base64');
    const input = { recordId: 'row', approximateArrivalTimestamp: 0, data: row };
    const { records, rejected } = transform({
      invocationId: 'law',
      deliveryStreamArn: '',
      region: '',
      records: [input],
    });
    const [record] = records;
    if (record?.result !== 'Ok') throw new Error(`a row gets no line: ${JSON.stringify(rejected)}`);
    return Buffer.from(record.data, 'base64');
  });
}

function plainBigints(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

/** A line without its last columns, as it is in an object that is older than these. */
export function withoutLast(line: Buffer, columns: number): Buffer {
  // In the dialect, a comma parts two cells unless a backslash stands before it that is not escaped itself.
  const cells = line
    .toString('latin1')
    .slice(0, -1)
    .match(/(?:^|,)(?:[^,\\]|\\.)*/gs)!;
  return Buffer.from(`${cells.slice(0, cells.length - columns).join('')}\n`, 'latin1');
}

import { describe, expect, it } from 'vitest';
import {
  type Buffered,
  invokeTransformation,
  type TransformedObject,
} from '../../../src/adapters/local/invoke-transformation.ts';
import type { Transformation, TransformationEvent } from '../../../src/ports/transformation.ts';

const CONTEXT = { eventType: 'a.b', streamId: 'stream', now: 1_700_000_000_000 };

function buffered(number: number, lines: readonly string[], more: Partial<Buffered> = {}): Buffered {
  return {
    number,
    arrivedAt: 1_690_000_000_000 + number,
    entries: lines.map((_, line) => ({ messageId: `m-${number}-${line}`, ingestedAt: line })),
    data: Buffer.from(lines.map((line) => `${line}\n`).join('')),
    ...more,
  };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const textOf = (data: string) => Buffer.from(data, 'base64').toString();

/** Gives every record back in upper case. */
const upperCase: Transformation = ({ records }) => ({
  records: records.map(({ recordId, data }) => ({ recordId, result: 'Ok', data: base64(textOf(data).toUpperCase()) })),
  rejected: [],
});

/** The rows of the one object that there is, which is the stream's to place. */
function csvOf(objects: readonly TransformedObject[]): string {
  expect(objects.map(({ partitionKeys }) => partitionKeys)).toEqual([undefined]);
  return objects[0]!.csv.toString();
}

const messageIds = (entries: readonly { messageId?: string | undefined }[]) =>
  entries.map(({ messageId }) => messageId);

describe('invoking a transformation', () => {
  it("speaks Firehose's event contract", () => {
    const events: TransformationEvent[] = [];
    const records = [buffered(7, ['x']), buffered(9, ['y', 'z'])];
    invokeTransformation(
      (event) => {
        events.push(event);
        return upperCase(event);
      },
      records,
      CONTEXT,
    );
    expect(events).toEqual([
      {
        invocationId: expect.any(String),
        deliveryStreamArn: expect.stringMatching(/^arn:aws:firehose:[^:]+:\d{12}:deliverystream\/a\.b$/),
        region: expect.any(String),
        records: [
          { recordId: '7', approximateArrivalTimestamp: records[0]!.arrivedAt, data: base64('x\n') },
          { recordId: '9', approximateArrivalTimestamp: records[1]!.arrivedAt, data: base64('y\nz\n') },
        ],
      },
    ]);
  });

  it('joins what records became in their order, and delivers every row', () => {
    const { objects, failed, delivered } = invokeTransformation(
      upperCase,
      [buffered(1, ['a', 'b']), buffered(2, ['c'])],
      CONTEXT,
    );
    expect(csvOf(objects)).toBe('A\nB\nC\n');
    expect(failed).toEqual([]);
    expect(messageIds(delivered)).toEqual(['m-1-0', 'm-1-1', 'm-2-0']);
  });

  it('keeps rows apart whose records are to lie in different places, and joins those of one place', () => {
    const { objects, delivered } = invokeTransformation(
      (event) => {
        const { records, rejected } = upperCase(event);
        const keysOf = (id: string) => (id === '3' ? undefined : { partitionKeys: { dt: id === '2' ? 'b' : 'a' } });
        return { records: records.map((one) => ({ ...one, metadata: keysOf(one.recordId) })), rejected };
      },
      [1, 2, 3, 4].map((number) => buffered(number, [`row-${number}`])),
      CONTEXT,
    );
    expect(objects.map(({ partitionKeys, csv }) => [partitionKeys, csv.toString()])).toEqual([
      [{ dt: 'a' }, 'ROW-1\nROW-4\n'],
      [{ dt: 'b' }, 'ROW-2\n'],
      [undefined, 'ROW-3\n'],
    ]);
    expect(delivered).toHaveLength(4);
  });

  it('fails a rejected row alone', () => {
    const { objects, failed, delivered } = invokeTransformation(
      (event) => ({
        ...upperCase(event),
        rejected: [{ recordId: '2', line: 1, code: 'SLUICE_ROW_MALFORMED', reason: 'no row' }],
      }),
      [buffered(1, ['a', 'b']), buffered(2, ['c', 'bad é', 'e'])],
      CONTEXT,
    );
    expect(csvOf(objects)).toBe('A\nB\nC\nBAD É\nE\n');
    expect(failed).toEqual([
      {
        id: 'stream/stream/2/1',
        stage: 'transform',
        code: 'SLUICE_ROW_MALFORMED',
        path: '$',
        reason: 'no row',
        eventType: 'a.b',
        version: null,
        payload: Buffer.from('bad é'),
        failedAt: CONTEXT.now,
        messageId: 'm-2-1',
      },
    ]);
    expect(messageIds(delivered)).toEqual(['m-1-0', 'm-1-1', 'm-2-0', 'm-2-2']);
  });

  it.each([
    ['processing failed', (): object => ({ result: 'ProcessingFailed' })],
    ['its answer has another id', (): object => ({ recordId: '99' })],
    ['its answer is missing', (): undefined => undefined],
  ])('fails every row of a record whose %s, and no other row', (_, changed) => {
    const { objects, failed, delivered } = invokeTransformation(
      (event) => {
        const { records } = upperCase(event);
        const change = changed();
        const answers = records.map((answer) => (answer.recordId === '2' ? { ...answer, ...change } : answer));
        return { records: change === undefined ? answers.slice(0, 1) : answers, rejected: [] };
      },
      [buffered(1, ['a']), buffered(2, ['b', 'c'])],
      CONTEXT,
    );
    expect(csvOf(objects)).toBe('A\n');
    expect(messageIds(delivered)).toEqual(['m-1-0']);
    expect(failed.map(({ id, messageId, payload }) => [id, messageId, String(payload)])).toEqual([
      ['stream/stream/2/0', 'm-2-0', 'b'],
      ['stream/stream/2/1', 'm-2-1', 'c'],
    ]);
  });

  it('writes nothing of a record that was dropped, whose rows are all accounted for', () => {
    const { objects, failed, delivered } = invokeTransformation(
      ({ records }) => ({
        records: records.map(({ recordId, data }) => ({ recordId, result: 'Dropped', data })),
        rejected: [{ recordId: '1', line: 0, code: 'SLUICE_ROW_MALFORMED', reason: 'no row' }],
      }),
      [buffered(1, ['bad'])],
      CONTEXT,
    );
    expect(objects).toEqual([]);
    expect(delivered).toEqual([]);
    expect(failed).toHaveLength(1);
  });

  it("keeps an invocation far below Lambda's limit, whatever the records' sizes, and every record in one", () => {
    const MiB = 1024 * 1024;
    const sizes = [10, MiB, MiB, 600_000, 600_000, 5, 3 * MiB, 1];
    const records = sizes.map((size, index) => buffered(index + 1, ['x'], { data: Buffer.alloc(size, 'x') }));
    const invocations: number[][] = [];
    const { objects, delivered } = invokeTransformation(
      (event) => {
        invocations.push(event.records.map(({ recordId }) => sizes[Number(recordId) - 1]!));
        return upperCase(event);
      },
      records,
      CONTEXT,
    );
    expect(invocations.flat()).toEqual(sizes);
    for (const invocation of invocations) {
      const bytes = invocation.reduce((sum, size) => sum + size, 0);
      expect(bytes <= 1.5 * MiB || invocation.length === 1).toBe(true);
    }
    expect(csvOf(objects)).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
    expect(delivered).toHaveLength(records.length);
  });
});

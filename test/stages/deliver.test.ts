import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rows } from '../../src/codec/codec.ts';
import { MAX_DELIVERY_RECORD_BYTES } from '../../src/ports/delivery-stream.ts';
import { packRows } from '../../src/stages/deliver.ts';

/** Rows of the given sizes in bytes, each of a letter of its own. */
function rowsOf(sizes: readonly number[]): Rows {
  const parts = sizes.map((size, index) => `${String.fromCharCode(97 + (index % 26)).repeat(size - 1)}\n`);
  const ends = sizes.map((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size, 0));
  return { data: Buffer.from(parts.join('')), ends, indexes: sizes.map((_, index) => index), unread: [] };
}

const entriesOf = (sizes: readonly number[]) =>
  sizes.map((_, index) => ({ messageId: `m-${index}`, ingestedAt: index }));

describe('packing rows', () => {
  it('puts many rows into one record', () => {
    const records = packRows(rowsOf([10, 20, 30]), entriesOf([10, 20, 30]));
    expect(records).toHaveLength(1);
    expect(records[0]!.data).toHaveLength(60);
    expect(records[0]!.entries).toEqual(entriesOf([10, 20, 30]));
  });

  it('makes no record of no rows', () => {
    expect(packRows(rowsOf([]), [])).toEqual([]);
  });

  it('fills a record to the last byte, and not one further', () => {
    const half = MAX_DELIVERY_RECORD_BYTES / 2;
    expect(packRows(rowsOf([half, half]), entriesOf([half, half]))).toHaveLength(1);
    expect(packRows(rowsOf([half, half + 1]), entriesOf([half, half + 1]))).toHaveLength(2);
  });

  it('never splits, drops, repeats or reorders a row, and takes as few records as there can be', () => {
    const size = fc.oneof(fc.integer({ min: 2, max: 2_000 }), fc.integer({ min: 2, max: MAX_DELIVERY_RECORD_BYTES }));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 12 }), (sizes) => {
        const rows = rowsOf(sizes);
        const records = packRows(rows, entriesOf(sizes));
        expect(Buffer.concat(records.map(({ data }) => data)).equals(rows.data)).toBe(true);
        expect(records.flatMap(({ entries }) => entries)).toEqual(entriesOf(sizes));
        let row = 0;
        records.forEach(({ data, entries }, index) => {
          expect(data.length).toBeLessThanOrEqual(MAX_DELIVERY_RECORD_BYTES);
          expect(data.length).toBe(sizes.slice(row, row + entries.length).reduce((sum, bytes) => sum + bytes, 0));
          row += entries.length;
          if (index < records.length - 1) expect(data.length + sizes[row]!).toBeGreaterThan(MAX_DELIVERY_RECORD_BYTES);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('moves no byte where all rows are of one partition', () => {
    const rows = rowsOf([10, 20, 30]);
    expect(packRows(rows, entriesOf([10, 20, 30]), [7, 7, 7])).toEqual(packRows(rows, entriesOf([10, 20, 30])));
  });

  it('puts rows of one partition only into a record, loses none, and keeps those of a partition in their order', () => {
    const size = fc.oneof(fc.integer({ min: 2, max: 2_000 }), fc.integer({ min: 2, max: MAX_DELIVERY_RECORD_BYTES }));
    const row = fc.record({ size, hour: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), (given) => {
        const sizes = given.map((one) => one.size);
        const rows = rowsOf(sizes);
        const hours = given.map(({ hour }) => hour);
        const records = packRows(rows, entriesOf(sizes), hours);
        const numberOf = ({ messageId = '' }: { readonly messageId?: string | undefined }) =>
          Number(messageId.slice(2));
        for (const { data, entries } of records) {
          expect(data.length).toBeLessThanOrEqual(MAX_DELIVERY_RECORD_BYTES);
          expect(new Set(entries.map((entry) => hours[numberOf(entry)])).size).toBe(1);
          const bytesOf = (number: number) =>
            rows.data.subarray(rows.ends[number]! - sizes[number]!, rows.ends[number]);
          expect(Buffer.concat(entries.map((entry) => bytesOf(numberOf(entry)))).equals(data)).toBe(true);
        }
        for (const wanted of new Set(hours)) {
          const inOrder = sizes.map((_, number) => number).filter((number) => hours[number] === wanted);
          const found = records
            .flatMap(({ entries }) => entries.map(numberOf))
            .filter((number) => hours[number] === wanted);
          expect(found).toEqual(inOrder);
          // As few records as hold them: those of each partition are packed as if there was no other.
          const alone = packRows(
            rowsOf(inOrder.map((number) => sizes[number]!)),
            inOrder.map((number) => entriesOf(sizes)[number]!),
          );
          const own = records.filter(({ entries: [entry] }) => hours[numberOf(entry!)] === wanted);
          expect(own).toHaveLength(alone.length);
        }
      }),
      { numRuns: 50 },
    );
  });
});

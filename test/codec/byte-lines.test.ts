import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteLines } from '../../src/codec/byte-lines.ts';

it('gives the lines in UTF-8, each ended by LF, and where they end', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ unit: 'grapheme' }))), (batches) => {
      const lines = new ByteLines();
      for (const batch of batches) {
        lines.reset();
        for (const line of batch) expect(lines.append(line)).toBe(true);
        const bytes = lines.bytes();
        expect(bytes.toString()).toBe(batch.map((line) => `${line}\n`).join(''));
        const starts = [0, ...lines.ends()];
        expect(batch.map((_, index) => bytes.subarray(starts[index]!, starts[index + 1]! - 1).toString())).toEqual(
          batch,
        );
      }
    }),
  );
});

it('leaves out a line that has more bytes than the limit with its LF', () => {
  const lines = new ByteLines();
  expect(lines.append('äöü', 6)).toBe(false);
  expect(lines.append('äöü', 7)).toBe(true);
  expect(lines.bytes().toString()).toBe('äöü\n');
});

it('grows beyond what it keeps, and shrinks again', () => {
  const lines = new ByteLines();
  const giant = 'x'.repeat(5 * 1024 * 1024);
  lines.append(giant);
  expect(lines.bytes().length).toBe(giant.length + 1);
  lines.reset().append('small');
  expect(lines.bytes().toString()).toBe('small\n');
});

import type { LineProgram } from './converse.ts';
import { asker } from './json-lines.ts';
import type { AvroReader, EncodeOptions } from './shapes.ts';
import { ValueRefused } from './value-refused.ts';

/** Values that go in one line at most: enough for a line to cost nothing, few enough to keep it short. */
const VALUES_A_LINE = 500;

/**
 * The reader that a program is, where it answers these lines of JSON:
 *
 *     {"writer": schema, "reader": schema, "bytes": [base64, ...]}   {"values": [...]}
 *     {"writer": schema, "values": [...], "blocks": boolean}         {"bytes": [base64, ...]}
 *
 * or either with `{"error": message}`, and the `index` of the value that it is about.
 */
export function avroReader(program: Pick<LineProgram, 'ask'>): AvroReader & {
  encode(schema: unknown, values: readonly unknown[], options?: EncodeOptions): Promise<Buffer[]>;
} {
  const ask = asker(program);
  return {
    async decode(writer, reader, values) {
      const bytes = values.map((value) => Buffer.from(value).toString('base64'));
      return inLines(bytes, async (some) => (await ask({ writer, reader, bytes: some })).values as unknown[]);
    },
    async encode(writer, values, { blocks = false } = {}) {
      const bytes = await inLines(
        values,
        async (some) => (await ask({ writer, values: some, blocks })).bytes as string[],
      );
      return bytes.map((text) => Buffer.from(text, 'base64'));
    },
  };
}

/** All answers, given one that answers some; the first that is refused is told by its place among all. */
async function inLines<Item, Answer>(
  items: readonly Item[],
  answerSome: (some: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < items.length; at += VALUES_A_LINE) {
    try {
      answers.push(...(await answerSome(items.slice(at, at + VALUES_A_LINE))));
    } catch (error) {
      throw error instanceof ValueRefused ? new ValueRefused(at + error.index, error.message) : error;
    }
  }
  return answers;
}

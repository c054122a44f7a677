import { join } from 'node:path';
import { jsonText } from '../support/avro-arbitraries.ts';
import { parsed } from '../support/parsed.ts';
import { startOracle } from './java.ts';

/**
 * Something that reads and writes Avro data and is not Sluice. Values are what `edgeValue` (test/support/edge-value.ts)
 * makes of them.
 */
export interface AvroValues {
  /** @throws Error with what it says is wrong with the bytes, also where some are left over */
  read(schema: unknown, bytes: Buffer): Promise<unknown>;
  /** @throws Error with what it says is wrong with the value */
  write(schema: unknown, value: unknown): Promise<Buffer>;
}

/** Apache Avro's Java library. */
export interface ApacheAvro extends AvroValues {
  /** @param reader the schema to resolve what was written to; its own by default */
  read(writer: unknown, bytes: Buffer, reader?: unknown): Promise<unknown>;
  /** @param blocks whether long arrays and maps come in several blocks, each with its size */
  write(schema: unknown, value: unknown, blocks?: boolean): Promise<Buffer>;
  close(): Promise<void>;
}

/** Starts Apache Avro's generic reader and writer; see `startOracle` for what it needs. */
export async function startApacheAvro(): Promise<ApacheAvro> {
  const oracle = await startOracle(join(import.meta.dirname, 'avro'), 'AvroValues');
  const ask = asker(oracle);
  return {
    read: async (writer, bytes, reader = writer) => (await ask({ writer, reader, bytes: bytes.toString('hex') })).value,
    write: async (writer, value, blocks = false) =>
      Buffer.from((await ask({ writer, value, blocks })).bytes as string, 'hex'),
    close: () => oracle.close(),
  };
}

/** Questions and answers that are JSON objects; an answer with an `error` is thrown. */
export function asker(oracle: { ask(line: string): Promise<string> }) {
  return async (question: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> => {
    const answer = parsed(await oracle.ask(jsonText(question))) as Record<string, unknown>;
    if (typeof answer.error === 'string') throw new Error(answer.error);
    return answer;
  };
}

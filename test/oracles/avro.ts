import { join } from 'node:path';
import { APACHE_AVRO } from '../../contracts/readers/apache-avro.ts';
import { startJava } from '../../contracts/readers/java.ts';

/** Apache Avro's Java library as the judge of schemas. */
export interface AvroOracle {
  /** Whether its parser takes a schema. */
  parses(schema: unknown): Promise<boolean>;
  /** Its own check: whether a reader takes everything that a writer may have written. */
  judge(writer: unknown, reader: unknown): Promise<Verdict>;
  close(): Promise<void>;
}

export type Verdict =
  | { readonly kind: 'COMPATIBLE' }
  /** With its names for what is wrong, such as `TYPE_MISMATCH`. */
  | { readonly kind: 'INCOMPATIBLE'; readonly types: readonly string[] }
  /** One of the two is no schema, or the check threw. */
  | { readonly kind: 'REFUSED' | 'FAILED'; readonly message: string };

/** Starts the judge; see `startJava` for what it needs. */
export async function startAvroOracle(): Promise<AvroOracle> {
  const oracle = await startJava(join(import.meta.dirname, 'avro'), 'AvroOracle', [], APACHE_AVRO);
  return {
    async parses(schema) {
      return (await oracle.ask(JSON.stringify(schema))) === 'ACCEPTED';
    },
    async judge(writer, reader) {
      const [kind, ...rest] = (await oracle.ask(`${JSON.stringify(writer)}\t${JSON.stringify(reader)}`)).split(' ');
      if (kind === 'COMPATIBLE') return { kind };
      if (kind === 'INCOMPATIBLE') return { kind, types: rest };
      return { kind: kind as 'REFUSED' | 'FAILED', message: rest.join(' ') };
    },
    close: () => oracle.close(),
  };
}

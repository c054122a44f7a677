import { join } from 'node:path';
import { avroReader } from './avro-lines.ts';
import { startJava } from './java.ts';
import type { AvroReader, Closing, EncodeOptions } from './shapes.ts';

/** Apache Avro's Java library: its generic reader, its resolution, its generic writer. */
export interface ApacheAvro extends Closing<AvroReader> {
  encode(schema: unknown, values: readonly unknown[], options?: EncodeOptions): Promise<Buffer[]>;
}

/** The folder whose `pom.xml` names the library. */
export const APACHE_AVRO = join(import.meta.dirname, 'avro');

/** Starts it; see `startJava` for what it needs. */
export async function startApacheAvro(): Promise<ApacheAvro> {
  const program = await startJava(APACHE_AVRO, 'AvroValues');
  return { ...avroReader(program), close: () => program.close() };
}

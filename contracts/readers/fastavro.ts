import { join } from 'node:path';
import { avroReader } from './avro-lines.ts';
import { startPython } from './python.ts';
import type { AvroReader, Closing } from './shapes.ts';

/** The folder of the program, and of how it tells values: `edge_json.py`. */
export const FASTAVRO = join(import.meta.dirname, 'fastavro');

/** Starts fastavro, the Avro of Python; see `startPython` for what it needs. */
export async function startFastavro(): Promise<Closing<AvroReader>> {
  const program = await startPython(FASTAVRO, 'avro_values.py');
  const { decode, encode } = avroReader(program);
  return { decode, encode, close: () => program.close() };
}

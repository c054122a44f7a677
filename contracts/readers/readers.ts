import { startApacheAvro } from './apache-avro.ts';
import { startFastavro } from './fastavro.ts';
import { ReaderMissing } from './reader-missing.ts';
import type { AvroReader, Closing, CsvReader, ReaderName, Readers } from './shapes.ts';
import { startTrino } from './trino.ts';

export { ReaderMissing } from './reader-missing.ts';
export type { AvroReader, Cell, CsvReader, ReaderName, Readers } from './shapes.ts';
export { ValueRefused } from './value-refused.ts';

/**
 * The foreign readers of this machine. Each is started at its first use, once; what is not there when it is first asked
 * for stays missing. What is started ends by `close`, or with this process.
 */
export function openReaders(): Readers {
  const started = new Map<ReaderName, Promise<Closing<unknown>>>();
  let closed = false;

  function once<Reader>(
    name: ReaderName,
    start: () => Promise<Closing<Reader>>,
    greet: (reader: Reader) => Promise<unknown>,
  ): () => Promise<Reader> {
    return () => {
      if (closed) return Promise.reject(new ReaderMissing(name, 'the readers were closed'));
      const running = started.get(name) as Promise<Closing<Reader>> | undefined;
      const reader = running ?? startOne(name, start, greet);
      started.set(name, reader);
      return reader;
    };
  }

  return {
    avroJava: once('avro-java', startApacheAvro, greetAvro),
    fastavro: once('fastavro', startFastavro, greetAvro),
    trino: once('trino', startTrino, greetCsv),
    // Its binary is of one platform, and is looked for when it is asked.
    duckdb: once('duckdb', async () => (await import('./duckdb.ts')).openDuckDb(), greetCsv),
    async close() {
      closed = true;
      const readers = await Promise.allSettled(started.values());
      await Promise.all(readers.map((reader) => (reader.status === 'fulfilled' ? reader.value.close() : undefined)));
    },
  };
}

async function startOne<Reader>(
  name: ReaderName,
  start: () => Promise<Closing<Reader>>,
  greet: (reader: Reader) => Promise<unknown>,
): Promise<Closing<Reader>> {
  try {
    const reader = await start();
    try {
      // A program that cannot run says so only when it is asked.
      await greet(reader);
      return reader;
    } catch (error) {
      await reader.close();
      throw error;
    }
  } catch (cause) {
    throw new ReaderMissing(name, (cause as Error).message, { cause });
  }
}

const greetAvro = (reader: AvroReader): Promise<unknown> => reader.decode('int', 'int', [Uint8Array.of(2)]);

const greetCsv = (reader: CsvReader): Promise<unknown> =>
  reader.read(Buffer.from('1\n'), [{ name: 'one', type: 'int', form: 'integer', doc: undefined }]);

import { startApacheAvro } from './apache-avro.ts';
import { openDuckDb } from './duckdb.ts';
import { startFastavro } from './fastavro.ts';
import { ReaderMissing } from './reader-missing.ts';
import type { Closing, ReaderName, Readers } from './shapes.ts';
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

  function once<Reader>(name: ReaderName, start: () => Promise<Closing<Reader>>): () => Promise<Reader> {
    return () => {
      if (closed) return Promise.reject(new ReaderMissing(name, 'the readers were closed'));
      const running = started.get(name) as Promise<Closing<Reader>> | undefined;
      const reader = running ?? start().catch((cause: Error) => Promise.reject(missing(name, cause)));
      started.set(name, reader);
      return reader;
    };
  }

  return {
    avroJava: once('avro-java', startApacheAvro),
    fastavro: once('fastavro', startFastavro),
    trino: once('trino', startTrino),
    duckdb: once('duckdb', openDuckDb),
    async close() {
      closed = true;
      const readers = await Promise.allSettled(started.values());
      await Promise.all(readers.map((reader) => (reader.status === 'fulfilled' ? reader.value.close() : undefined)));
    },
  };
}

function missing(name: ReaderName, cause: Error): ReaderMissing {
  return new ReaderMissing(name, cause.message, { cause });
}

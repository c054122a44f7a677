import type { TableColumn } from '../../src/derive/table-columns.ts';

export type ReaderName = 'avro-java' | 'fastavro' | 'trino' | 'duckdb';

/**
 * Something that reads and writes Avro data and is not Sluice. Values are the JSON of docs/json-mapping.md, but for one
 * thing: every value of a union is tagged with its branch (null is not), so that it is seen which branch it is.
 */
export interface AvroReader {
  /**
   * Values of what `writer` wrote, resolved to `reader`, which may be the same. Hundreds of them cost about as much time
   * as one.
   *
   * @throws ValueRefused with what it says is wrong with the first bytes that it does not take, or that some are left
   *   over; Error where it does not take a schema
   */
  decode(writer: unknown, reader: unknown, values: readonly Uint8Array[]): Promise<unknown[]>;
  /**
   * Avro data, without any framing.
   *
   * @throws ValueRefused with what it says is wrong with the first value that it does not take; Error where it does not
   *   take the schema
   */
  encode(schema: unknown, values: readonly unknown[], options?: EncodeOptions): Promise<Uint8Array[]>;
}

export interface EncodeOptions {
  /** Whether arrays and maps come in blocks, each with its size; a library that cannot write them so does as always. */
  readonly blocks?: boolean;
}

/** Something that reads the objects of a table and is not Sluice. */
export interface CsvReader {
  /**
   * The rows of an object, given its text (not compressed; readers compress it first, since objects are). A row has a
   * cell for each column, whatever the text has.
   */
  read(csv: Uint8Array, columns: readonly TableColumn[]): Promise<Cell[][]>;
}

/**
 * The value of a cell in the raw table, without the view that decodes it: of a text, LazySimpleSerDe's escapes are
 * undone and those of the application (ESC n, ESC r, ESC e) are not. It is told as the text that the CSV of Sluice has for
 * this value; see cell-text.ts.
 */
export type Cell = null | { readonly text: string };

/** Code that Sluice did not write, to ask what Sluice's bytes say. */
export interface Readers {
  /** @throws ReaderMissing where it cannot run */
  avroJava(): Promise<AvroReader>;
  /** @throws ReaderMissing where it cannot run */
  fastavro(): Promise<AvroReader>;
  /** @throws ReaderMissing where it cannot run */
  trino(): Promise<CsvReader>;
  /** @throws ReaderMissing where it cannot run */
  duckdb(): Promise<CsvReader>;
  /** Ends what was started; resolves when it is gone. */
  close(): Promise<void>;
}

/** A reader that has to be ended. */
export type Closing<Reader> = Reader & { close(): Promise<void> };

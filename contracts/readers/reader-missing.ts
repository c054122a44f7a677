import type { ReaderName } from './shapes.ts';

/** A foreign reader cannot run here: its message says what is missing and how to get it. */
export class ReaderMissing extends Error {
  override readonly name = 'ReaderMissing';
  readonly reader: ReaderName;

  constructor(reader: ReaderName, reason: string, options?: ErrorOptions) {
    super(`${reader} cannot be asked: ${reason}`, options);
    this.reader = reader;
  }
}

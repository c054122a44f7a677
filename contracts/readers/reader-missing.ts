import type { ReaderName } from './shapes.ts';

const WAY_OUT = 'Install what is missing and try again; docs/dependencies.md says what each reader is made of.';

/** A foreign reader cannot run here: its message says what is missing and how to get it. */
export class ReaderMissing extends Error {
  override readonly name = 'ReaderMissing';
  readonly reader: ReaderName;

  constructor(reader: ReaderName, reason: string, options?: ErrorOptions) {
    super(`${reader} cannot be asked: ${reason.trimEnd()}\n${WAY_OUT}`, options);
    this.reader = reader;
  }
}

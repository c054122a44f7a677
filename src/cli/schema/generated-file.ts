import { readFile, writeFile } from 'node:fs/promises';
import { SluiceError } from '../../errors.ts';

/**
 * Makes sure that a file can be written: there is none, or one that was generated before.
 *
 * @param mark what a generated file has near its beginning.
 * @throws SluiceError SLUICE_USAGE where somebody else's file is in the way.
 */
export async function requireOurs(file: string, mark: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    // A folder on the way that is none is found out by whoever writes.
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw new SluiceError('SLUICE_STORAGE', `${file} cannot be read (${cause.code})`, { cause });
  });
  if (text !== undefined && !isOurs(text, mark)) {
    throw new SluiceError('SLUICE_USAGE', `${file} was not generated and would be overwritten; move it away`);
  }
}

/** Whether a text was generated: it has the mark in its first lines. */
export function isOurs(text: string, mark: string): boolean {
  return text.slice(0, 500).includes(mark);
}

/** @throws SluiceError SLUICE_STORAGE */
export async function writeGenerated(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((cause: NodeJS.ErrnoException) => {
    throw new SluiceError('SLUICE_STORAGE', `${file} cannot be written (${cause.code})`, { cause });
  });
}

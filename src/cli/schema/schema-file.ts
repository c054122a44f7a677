import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SluiceError } from '../../errors.ts';
import { layOut } from '../../infer/layout.ts';

/**
 * Writes a JSON document that belongs to an event type as a new file, laid out for people; its folder is made.
 *
 * @throws SluiceError SLUICE_STORAGE where it cannot be written, or is there: what is there is never written over.
 */
export async function writeNewFile(file: string, document: unknown): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, layOut(document), { flag: 'wx' });
  } catch (cause) {
    throw new SluiceError('SLUICE_STORAGE', `${file} cannot be written (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
}

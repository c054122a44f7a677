import { SluiceError } from '../../errors.ts';
import type { RegisteredVersion } from '../../ports/registry.ts';
import { publishedText } from '../../schema/published-text.ts';

/**
 * The version of that number where it is there already with that text; undefined where it is the next one.
 *
 * @param there all versions, ascending.
 * @throws SluiceError SLUICE_SCHEMA_PUBLISHED when the number has another text, or is not the next.
 */
export function publishedAlready(
  eventType: string,
  there: readonly RegisteredVersion[],
  version: number,
  definition: unknown,
): RegisteredVersion | undefined {
  const next = (there.at(-1)?.version ?? 0) + 1;
  const same = there.find((known) => known.version === version);
  if (same === undefined) {
    if (version === next) return undefined;
    throw new SluiceError('SLUICE_SCHEMA_PUBLISHED', `the next version of ${eventType} is v${next}, not v${version}`);
  }
  if ('unreadable' in same) {
    const why = `is there and cannot be read, ${same.unreadable}; its number is taken: publish v${next}`;
    throw new SluiceError('SLUICE_SCHEMA_PUBLISHED', `${eventType} v${version} ${why}`);
  }
  if (hasText(same, definition)) return same;
  throw new SluiceError('SLUICE_SCHEMA_PUBLISHED', `${eventType} v${version} is there with another text`);
}

/** Whether a version has that text, however it is written. */
export function hasText(version: RegisteredVersion, definition: unknown): boolean {
  return 'definition' in version && publishedText(version.definition) === publishedText(definition);
}

/** The error to throw where the registry, which gives the numbers itself, has given another than was asked for. */
export function otherNumber(eventType: string, asked: number, given: number): SluiceError {
  const why =
    given < asked
      ? `has the text of v${given}: the registry keeps a text once, and gave it no number of its own`
      : `became v${given} in the registry, where its number was taken by another text, or by one that was deleted`;
  return new SluiceError('SLUICE_SCHEMA_PUBLISHED', `${eventType} v${asked} ${why}`);
}

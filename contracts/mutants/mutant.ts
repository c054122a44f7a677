/**
 * A fault that somebody could have made: one place of one file, written otherwise. It is never on disk; a process of its
 * own loads the file with it, and some law must be broken there.
 */
export interface Mutant {
  /** Stable: results are kept by it. */
  readonly id: string;
  /** The fault in words, as a person would report it. */
  readonly description: string;
  /** The file, from the root of the project. */
  readonly file: string;
  /** What stands in the file, exactly once. */
  readonly find: string;
  /** What stands there instead. */
  readonly replace: string;
}

/**
 * The text of a file with the fault in it.
 *
 * @throws Error where the place is not found, or is not the only one: a mutant that does not apply proves nothing.
 */
export function mutate(source: string, { id, file, find, replace }: Mutant): string {
  const places = source.split(find).length - 1;
  if (places !== 1) throw new Error(`${id}: its text occurs ${places} times in ${file}, and must occur once`);
  // A function, since `$` has a meaning in a replacement that is text.
  return source.replace(find, () => replace);
}

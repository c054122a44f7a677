import { publishedText } from '../schema/published-text.ts';
import { type Change, changesBetween } from './changes.ts';
import { readVersion } from './files.ts';
import type { SchemaFile, SchemaFiles } from './rule.ts';

/** How git and a registry disagree on one version. */
export interface Difference {
  readonly eventType: string;
  readonly version: number;
  readonly kind: 'only-in-git' | 'only-in-registry' | 'different-text' | 'unreadable-in-git' | 'unreadable-in-registry';
  /** From the registry's text to git's, where both can be read. Not every difference of texts is one of these. */
  readonly changes: readonly Change[];
  /** Why it cannot be read. */
  readonly reason: string | undefined;
}

/** Every version on which git and a registry disagree, ascending. */
export function differencesBetween(git: SchemaFiles, registry: SchemaFiles): Difference[] {
  const { eventType } = git;
  const numbers = new Set([...git.versions, ...registry.versions].map(({ version }) => version));
  return [...numbers]
    .sort((a, b) => a - b)
    .flatMap((version) => {
      const of = ({ versions }: SchemaFiles) => versions.find((file) => file.version === version);
      const found = compare(eventType, of(git), of(registry));
      return found === undefined ? [] : [{ eventType, version, changes: [], reason: undefined, ...found }];
    });
}

type Found = Pick<Difference, 'kind'> & Partial<Difference>;

function compare(eventType: string, git: SchemaFile | undefined, registry: SchemaFile | undefined): Found | undefined {
  if (registry !== undefined && 'unreadable' in registry) {
    return { kind: 'unreadable-in-registry', reason: registry.unreadable };
  }
  if (git !== undefined && 'unreadable' in git) return { kind: 'unreadable-in-git', reason: git.unreadable };
  if (git === undefined) return { kind: 'only-in-registry' };
  if (registry === undefined) return { kind: 'only-in-git' };
  if (publishedText(git.definition) === publishedText(registry.definition)) return undefined;
  const [before, after] = [registry, git].map((file) => readVersion(eventType, file));
  if ('message' in before! || 'message' in after!) return { kind: 'different-text' };
  // What supersedes a version is known too late to be in its published text.
  const changes = changesBetween(before!, after!).filter(({ path }) => path !== '$ sluice.supersededBy');
  return { kind: 'different-text', changes };
}

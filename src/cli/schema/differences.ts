import type { Change } from '../../compatibility/changes.ts';
import type { Difference } from '../../compatibility/drift.ts';
import { renderTable } from '../terminal.ts';

/** Differences between git and a registry, for people. */
export function differencesTable(differences: readonly Difference[]): string {
  const rows = differences.map((difference) => [difference.eventType, `v${difference.version}`, describe(difference)]);
  return renderTable(['Type', 'Version', 'Difference'], rows);
}

export function differenceJson({ eventType, version, kind, changes, reason }: Difference): object {
  return { event_type: eventType, version, difference: kind.replaceAll('-', '_'), changes, reason: reason ?? null };
}

function describe({ kind, changes, reason }: Difference): string {
  switch (kind) {
    case 'only-in-git':
      return 'only in git';
    case 'only-in-registry':
      return 'only in the registry';
    case 'unreadable-in-git':
      return `cannot be read in git: ${reason}`;
    case 'unreadable-in-registry':
      return `cannot be read in the registry: ${reason}`;
    case 'different-text': {
      const what = changes.length === 0 ? 'aliases, order, or a property of others' : changes.map(said).join('; ');
      return `different text in git: ${what}`;
    }
  }
}

function said({ change, path, before, after }: Change): string {
  if (change === 'added' || change === 'removed') return `${path} is ${change}`;
  return `${path}: ${change} was ${before ?? 'not there'}, is ${after ?? 'not there'}`;
}

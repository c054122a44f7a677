import type { SchemaHistory } from '../schema/history.ts';
import type { Examples } from './examples.ts';
import { indexPage, typePath } from './index-page.ts';
import { typePage } from './type-page.ts';

/** An event type, and its examples where it has any. */
export interface CatalogueEntry {
  readonly history: SchemaHistory;
  readonly examples: Examples | undefined;
}

/**
 * Derives the catalogue: an index, and a page for each event type. The same schemas give the same text.
 *
 * @returns the pages by their path below the catalogue's folder, the index first. They use the style sheet `style.css`.
 */
export function deriveCatalogue(entries: readonly CatalogueEntry[]): ReadonlyMap<string, string> {
  return new Map([
    ['index.html', indexPage(entries.map(({ history }) => history))],
    ...entries.map(({ history, examples }) => [typePath(history.eventType), typePage(history, examples)] as const),
  ]);
}

import type { Column } from '../derive/layout.ts';
import type { SchemaHistory, SchemaIds, SchemaVersion } from '../schema/history.ts';

/** What a change is felt by, from the wire to the query; `LINT` is what needs no change to be felt. */
export const SURFACES = ['WIRE', 'API', 'CSV', 'TABLE', 'QUERY', 'REPLAY', 'LINT'] as const;

export type Surface = (typeof SURFACES)[number];

/** Whether a finding keeps a version from being published. */
export type Severity = 'error' | 'warning';

/** One thing that a rule found. */
export interface Spot {
  /** The field, `$` for the whole: `$.location.depth`, `$.tags[]` for the items of an array, `$.labels{}` of a map. */
  readonly path: string;
  /** What was found there. */
  readonly message: string;
}

/** One event type as it lies in a folder, whatever its files hold. */
export interface SchemaFiles {
  /** Name of its folder. */
  readonly eventType: string;
  /** Ascending. */
  readonly versions: readonly SchemaFile[];
}

/** One version's file: its JSON, or why it has none. */
export type SchemaFile = {
  readonly version: number;
  /** What its registry calls it, where that has a say. */
  readonly ids?: SchemaIds;
  /** Where it was found, for messages. */
  readonly source?: string;
} & ({ readonly definition: unknown } | { readonly unreadable: string });

/** An event type up to one of its versions, with what is derived from it. */
export interface Contract {
  readonly history: SchemaHistory;
  /** Columns behind the system columns; undefined where there are too many to lay out. */
  readonly columns: readonly Column[] | undefined;
}

/** A rule: a stable id, what it is for, and a pure function that finds where it is broken. */
export type Rule = {
  /** Begins with the surface. */
  readonly id: string;
  readonly surface: Surface;
  readonly severity: Severity;
  /** The rule as a sentence. */
  readonly purpose: string;
  /** Who feels it when it is broken. */
  readonly affected: string;
  /** What to do instead. */
  readonly advice: string;
} & Judge;

/** What a rule looks at. */
export type Judge =
  /** The files as they lie there, beside those that were published before. */
  | { readonly over: 'files'; find(files: SchemaFiles, published: SchemaFiles | undefined): Iterable<FileSpot> }
  /** All event types of a folder. */
  | { readonly over: 'folder'; find(eventTypes: readonly string[]): Iterable<Spot & { readonly eventType: string }> }
  /** The newest version; older ones can't be mended any more. */
  | { readonly over: 'version'; find(version: SchemaVersion): Iterable<Spot> }
  /** The newest contract. */
  | { readonly over: 'contract'; find(contract: Contract): Iterable<Spot> }
  /** Each version beside each earlier one. */
  | { readonly over: 'pair'; find(earlier: SchemaVersion, later: SchemaVersion): Iterable<Spot> }
  /** Each version beside each earlier one, the other way round: asked for by FORWARD and FULL modes only. */
  | { readonly over: 'forward pair'; find(earlier: SchemaVersion, later: SchemaVersion): Iterable<Spot> }
  /** The contract before a version, and with it. */
  | { readonly over: 'contracts'; find(before: Contract, after: Contract): Iterable<Spot> };

export type FileSpot = Spot & { readonly version: number };

/** A broken rule, with everything a person needs to act. */
export interface Finding extends Spot {
  readonly rule: string;
  readonly surface: Surface;
  readonly severity: Severity;
  readonly eventType: string;
  /** The version that breaks it; undefined where no single one does. */
  readonly version: number | undefined;
  /** The earlier versions that it was judged beside. */
  readonly against: readonly number[];
  readonly affected: string;
  readonly advice: string;
  /** The reason why the type's own compatibility mode lets it pass, as its schema states it. */
  readonly accepted: string | undefined;
}

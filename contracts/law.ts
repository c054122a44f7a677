import type { SchemaHistory } from '../src/schema/history.ts';
import type { ReaderName, Readers } from './readers/shapes.ts';

/** What a law is asked of: one event type. */
export interface Subject {
  readonly eventType: string;
  readonly history: SchemaHistory;
  /** Bodies that the newest version takes, as text; checked besides those that are generated. */
  readonly examples: readonly string[];
}

export interface LawContext {
  /** Cases to try, at least. */
  readonly runs: number;
  readonly seed: number;
  /** The path that fast-check gave with a counterexample, to try that one again: with the same `runs`. */
  readonly path?: string | undefined;
  readonly readers: Readers;
  readonly signal?: AbortSignal | undefined;
}

export type Verdict =
  | { readonly status: 'holds'; readonly cases: number }
  | { readonly status: 'broken'; readonly cases: number; readonly counterexample: Counterexample }
  /** A foreign reader is not there, or no case could be made. */
  | { readonly status: 'not checked'; readonly cases: number; readonly reason: string };

export interface Counterexample {
  /** JSONPath of the field, or the column, or `$` for the whole. */
  readonly field: string;
  /** What was expected and what came, for people. */
  readonly details: string;
  /** The smallest input that shows it, as text. */
  readonly input: string;
  /** Both give it back: `--seed` and `--path`. */
  readonly seed: number;
  readonly path: string;
}

/** A sentence that holds for every schema, and the property that checks it. */
export interface Law {
  readonly number: number;
  /** Stable, as `--law` takes it. */
  readonly id: string;
  readonly statement: string;
  /** Why somebody who sends or reads events cares. */
  readonly why: string;
  /** Code that we did not write and that the law cannot be checked without. */
  readonly needs: readonly ReaderName[];
  check(subject: Subject, context: LawContext): Promise<Verdict>;
}

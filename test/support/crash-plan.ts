/** The moments at which a pipeline is killed, in the order an event meets them. */
export const CRASH_POINTS = [
  'accepted',
  'half-produced',
  'produced',
  'consumed',
  'buffered',
  'object-unnamed',
  'object-written',
  'object-settled',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** What a process is told that shall kill itself. */
export interface CrashPlan {
  readonly point: CrashPoint;
  /** How often the point is passed unharmed. */
  readonly passes: number;
  /** Events that must be in flight; the pipeline is held at the point until they are. */
  readonly inFlight: number;
  /** Where it writes its `CrashReport`, just before. */
  readonly reportFile: string;
}

/** The last words of a process. */
export interface CrashReport {
  readonly point: CrashPoint;
  /** Events in flight, by the ledger. */
  readonly inFlight: number;
  /** Records that were appended to Kafka. */
  readonly appended: number;
  /** Rows that the delivery stream took. */
  readonly buffered: number;
  /** Records or rows of the call that was cut short. */
  readonly rows: number;
  /** Path of the unfinished object, or key of the finished one. */
  readonly object?: string | undefined;
}

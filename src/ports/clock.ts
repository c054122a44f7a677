/** The time, as stages see it. Stages never read a clock of their own, so that tests and replays can set it. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

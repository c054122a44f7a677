/** Events of one type made from a public data set, one for every source row and in the rows' order. */
export interface Sample<Row = unknown, Event extends object = object> {
  readonly eventType: string;
  /** Who published the data and in which file they came, for people to read. */
  readonly source: string;
  /** How many events there are without `large`. */
  readonly count: number;
  /** The source rows as their file holds them. @throws SluiceError SLUICE_SAMPLES_MISSING. */
  rows(options?: SampleOptions): readonly Row[];
  /** The events, as JSON a sender could send. @throws SluiceError SLUICE_SAMPLES_MISSING. */
  events(options?: SampleOptions): Iterable<Event>;
}

export interface SampleOptions {
  /** Takes the larger data set, where there is one. */
  readonly large?: boolean;
}

/**
 * What Firehose sends to its transformation function and expects back, field for field.
 * Source: Amazon Data Firehose Developer Guide, "Transform source data in Amazon Data Firehose", "Understand partitioning
 * keys".
 */
export interface TransformationEvent {
  readonly invocationId: string;
  readonly deliveryStreamArn: string;
  readonly region: string;
  readonly records: readonly TransformationInput[];
}

export interface TransformationInput {
  readonly recordId: string;
  /** Epoch milliseconds. */
  readonly approximateArrivalTimestamp: number;
  /** Base64 of the record's bytes. */
  readonly data: string;
}

export interface TransformationOutput {
  readonly recordId: string;
  readonly result: 'Ok' | 'Dropped' | 'ProcessingFailed';
  /** Base64 of what takes the record's place; of the record itself where the result is ProcessingFailed. */
  readonly data: string;
  /**
   * What the stream's prefix names as `partitionKeyFromLambda`; for a stream with dynamic partitioning, where a record
   * that is Ok and has none goes to the errors.
   */
  readonly metadata?: { readonly partitionKeys: Readonly<Record<string, string>> } | undefined;
}

/** A row that could not be transformed while its neighbours in the record could. */
export interface RejectedRow {
  readonly recordId: string;
  /** Zero-based line of the record. */
  readonly line: number;
  readonly code: 'SLUICE_ROW_MALFORMED' | 'SLUICE_ROW_TOO_LARGE';
  readonly reason: string;
}

/**
 * What the transform stage answers. `records` goes back to Firehose as it is (same ids, same order, one each);
 * `rejected` is for the host to keep as failed events before it answers.
 */
export interface TransformationResult {
  readonly records: readonly TransformationOutput[];
  readonly rejected: readonly RejectedRow[];
}

/** The transformation of one event type's delivery stream, as an adapter calls it. */
export type Transformation = (event: TransformationEvent) => TransformationResult;

/** Lambda's limit for a synchronous answer, in bytes of JSON. */
export const MAX_TRANSFORMATION_BYTES = 6 * 1024 * 1024;

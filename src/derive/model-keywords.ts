/**
 * Every keyword a model may use: API Gateway documents a subset of JSON Schema draft-04, and an unknown keyword fails
 * only when a stack is deployed.
 */
export const MODEL_KEYWORDS = [
  '$schema',
  '$ref',
  'additionalProperties',
  'definitions',
  'description',
  'enum',
  'items',
  'maximum',
  'minimum',
  'pattern',
  'properties',
  'required',
  'title',
  'type',
] as const;

/** A JSON Schema draft-04 document, or part of one, in the subset of `MODEL_KEYWORDS`. */
export type Model = Readonly<Record<string, unknown>>;

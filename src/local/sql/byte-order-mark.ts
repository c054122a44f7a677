import accessors from '@duckdb/node-api/lib/vectors/dataAccessors.js';

/**
 * The client library decodes text with a decoder that takes U+FEFF at the start for a byte-order mark and drops it, at
 * every depth of a value. In a column it is a character like any other, so the decoder is replaced by one that keeps it.
 */
export function keepLeadingByteOrderMarks(): void {
  Object.assign(accessors, { textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }) });
}

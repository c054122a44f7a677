import type { LogRecord } from '../../ports/event-log.ts';

/** Bytes of a record batch's own fields: offset, length, epoch, magic, CRC, attributes, timestamps, producer, count. */
const BATCH_OVERHEAD = 61;

/**
 * Size in bytes of an uncompressed record batch (format v2 of Kafka's protocol guide) that holds only this record:
 * what a broker compares with `max.message.bytes`.
 */
export function recordBatchBytes({ key, value, headers }: Pick<LogRecord, 'key' | 'value' | 'headers'>): number {
  // Attributes, timestamp delta and offset delta of a first record take one byte each.
  let body = 3 + prefixedBytes(key?.byteLength ?? null) + prefixedBytes(value?.byteLength ?? null);
  const names = Object.keys(headers);
  body += varintBytes(names.length);
  for (const name of names) body += prefixedBytes(Buffer.byteLength(name)) + prefixedBytes(headers[name]!.byteLength);
  return BATCH_OVERHEAD + varintBytes(body) + body;
}

/** Size of bytes with their length before them; null is the length -1. */
function prefixedBytes(length: number | null): number {
  return length === null ? 1 : varintBytes(length) + length;
}

/** Size of a non-negative integer as a zigzag variable-length integer: seven bits a byte, one lost to the sign. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

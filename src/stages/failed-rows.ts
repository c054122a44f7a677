import { isUtf8 } from 'node:buffer';
import { compileRowWriter } from '../codec/csv.ts';
import { formatTimestamp } from '../codec/temporal.ts';
import { FAILED_EVENT_COLUMNS } from '../derive/failed-events-table.ts';
import type { FailedEvent } from '../ports/failed-events.ts';

/**
 * Payloads beyond it, in bytes, are base64 although they are text: as text they can double in the row, and the tables'
 * readers have a limit. Any event that came through the edge is below it.
 */
const MAX_TEXT_BYTES = 1024 * 1024;

const writeRow = compileRowWriter(FAILED_EVENT_COLUMNS);

/** Failed events as CSV rows of the table `failed_events`. */
export function failedRows(events: readonly FailedEvent[]): Buffer {
  return Buffer.from(events.map((event) => writeRow(rowOf(event))).join(''));
}

function rowOf(event: FailedEvent): Record<string, unknown> {
  const payload = Buffer.from(event.payload.buffer, event.payload.byteOffset, event.payload.byteLength);
  const encoding = payload.length <= MAX_TEXT_BYTES && isUtf8(payload) ? 'utf8' : 'base64';
  return {
    id: event.id,
    failed_at: formatTimestamp(event.failedAt, 3, ' '),
    stage: event.stage,
    code: event.code,
    path: event.path,
    reason: event.reason,
    event_type: event.eventType,
    version: event.version,
    event_id: event.eventId,
    payload: payload.toString(encoding),
    payload_encoding: encoding,
    recovered_at: event.recoveredAt === undefined ? null : formatTimestamp(event.recoveredAt, 3, ' '),
  };
}

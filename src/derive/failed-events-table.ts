import type { TableColumn } from './table-columns.ts';

/** The columns of the table of failed events, in the order of its CSV objects. They only ever append. */
export const FAILED_EVENT_COLUMNS = [
  { name: 'id', type: 'string', form: 'text', doc: 'Id of the failure; rows of the same id are the same failure' },
  { name: 'failed_at', type: 'timestamp', form: 'timestamp-millis', doc: 'When the stage gave the event up, UTC' },
  { name: 'stage', type: 'string', form: 'text', doc: 'The stage that gave the event up' },
  { name: 'code', type: 'string', form: 'text', doc: 'Error code, SLUICE_*' },
  { name: 'path', type: 'string', form: 'text', doc: 'JSONPath of the first fault; $ for the whole event' },
  { name: 'reason', type: 'string', form: 'text', doc: 'What was wrong, for people' },
  { name: 'event_type', type: 'string', form: 'text', doc: 'Event type' },
  { name: 'version', type: 'int', form: 'integer', doc: 'Schema version it was read with; null where none is known' },
  { name: 'event_id', type: 'string', form: 'text', doc: 'Id of the event; null where none is known' },
  { name: 'payload', type: 'string', form: 'text', doc: 'The bytes as the stage found them, see payload_encoding' },
  {
    name: 'payload_encoding',
    type: 'string',
    form: 'text',
    doc: "'utf8' where payload is the text itself, else 'base64'",
  },
  {
    name: 'recovered_at',
    type: 'timestamp',
    form: 'timestamp-millis',
    doc: 'When it was sent again, UTC; null where nobody did',
  },
] as const satisfies readonly TableColumn[];

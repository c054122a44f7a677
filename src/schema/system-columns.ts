/**
 * The columns in front of every row, in their order; they never change. The schema version is among them because a
 * replay could not otherwise tell "this column did not exist yet" from null.
 */
export const SYSTEM_COLUMNS = [
  { name: '_event_id', type: 'string', form: 'text', doc: 'Id of the event; rows of the same id are the same event' },
  {
    name: '_schema_version',
    type: 'int',
    form: 'integer',
    doc: 'Version of the schema that the event was written with',
  },
  { name: '_ingested_at', type: 'timestamp', form: 'timestamp-millis', doc: 'When the edge accepted the event, UTC' },
  { name: '_kafka_partition', type: 'int', form: 'integer', doc: 'Partition of the topic that held the event' },
  { name: '_kafka_offset', type: 'bigint', form: 'integer', doc: 'Offset of the event in its partition' },
  { name: '_replay_id', type: 'string', form: 'text', doc: 'The replay that brought the row; null when live' },
] as const;

/** What the folders of a table's objects say, outermost first: `dt=YYYY-MM-DD/hour=HH/`, the hour of delivery in UTC. */
export const PARTITION_KEYS = [
  { name: 'dt', type: 'date', doc: 'Day of delivery, UTC' },
  { name: 'hour', type: 'int', doc: 'Hour of delivery, UTC' },
] as const;

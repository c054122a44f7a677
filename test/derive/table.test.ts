import { describe, expect, it } from 'vitest';
import { FAILED_EVENT_COLUMNS } from '../../src/derive/failed-events-table.ts';
import { deriveLayout } from '../../src/derive/layout.ts';
import { deriveTable, failedEventsTable } from '../../src/derive/table.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';

function historyOf(...versions: unknown[][]) {
  return schemaHistory(
    'seismic.earthquake',
    versions.map((fields, index) =>
      schemaVersion('seismic.earthquake', index + 1, { type: 'record', name: 'Earthquake', fields }),
    ),
  );
}

const OPTIONS = { bucketUri: 's3://bucket' };

describe('the Glue table of an event type', () => {
  const history = historyOf([
    { name: 'id', type: 'string', doc: 'Network\n\tand code' },
    { name: 'cost', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
  ]);

  it('is what Athena needs to read the dialect, to the letter', () => {
    expect(deriveTable(deriveLayout(history), OPTIONS)).toEqual({
      Name: 'raw_seismic_earthquake',
      Description: expect.stringContaining('seismic.earthquake'),
      TableType: 'EXTERNAL_TABLE',
      Parameters: {
        EXTERNAL: 'TRUE',
        classification: 'csv',
        'projection.enabled': 'true',
        'projection.dt.type': 'date',
        'projection.dt.format': 'yyyy-MM-dd',
        'projection.dt.range': '2024-01-01,NOW',
        'projection.dt.interval': '1',
        'projection.dt.interval.unit': 'DAYS',
        'projection.hour.type': 'integer',
        'projection.hour.range': '0,23',
        'projection.hour.digits': '2',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena's placeholders.
        'storage.location.template': 's3://bucket/events/seismic.earthquake/dt=${dt}/hour=${hour}/',
        'sluice.contract': history.digest,
      },
      PartitionKeys: [
        { Name: 'dt', Type: 'date', Comment: expect.any(String) },
        { Name: 'hour', Type: 'int', Comment: expect.any(String) },
      ],
      StorageDescriptor: {
        Columns: [
          { Name: '_event_id', Type: 'string', Comment: expect.any(String) },
          { Name: '_schema_version', Type: 'int', Comment: expect.any(String) },
          { Name: '_ingested_at', Type: 'timestamp', Comment: expect.any(String) },
          { Name: '_kafka_partition', Type: 'int', Comment: expect.any(String) },
          { Name: '_kafka_offset', Type: 'bigint', Comment: expect.any(String) },
          { Name: '_replay_id', Type: 'string', Comment: expect.any(String) },
          { Name: 'id', Type: 'string', Comment: 'Network and code' },
          { Name: 'cost', Type: 'decimal(12,2)' },
        ],
        Location: 's3://bucket/events/seismic.earthquake/',
        InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
        OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
        SerdeInfo: {
          SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
          Parameters: { 'field.delim': ',', 'serialization.format': ',', 'escape.delim': '\\' },
        },
      },
    });
  });

  it('only ever appends columns when a version is published', () => {
    const older = [{ name: 'a', type: 'string' }];
    const newer = [{ name: 'b', type: 'int', default: 0 }];
    const before = deriveTable(deriveLayout(historyOf(older)), OPTIONS).StorageDescriptor.Columns;
    const after = deriveTable(deriveLayout(historyOf(older, newer)), OPTIONS).StorageDescriptor.Columns;
    expect(after.map(({ Name }) => Name)).toEqual([...before.map(({ Name }) => Name), 'b']);
  });

  it('has comments that Glue takes: one line of at most 255 characters, whole characters only', () => {
    const fields = [{ name: 'a', type: 'string', doc: `${'x'.repeat(251)}😀${'y'.repeat(100)}` }];
    const column = deriveTable(deriveLayout(historyOf(fields)), OPTIONS).StorageDescriptor.Columns.at(-1);
    expect(column?.Comment).toBe(`${'x'.repeat(251)}...`);
  });

  it('lies where its bucket says, with or without a slash at the end', () => {
    const table = deriveTable(deriveLayout(history), { bucketUri: 's3://bucket/' });
    expect(table.StorageDescriptor.Location).toBe('s3://bucket/events/seismic.earthquake/');
  });
});

describe('the Glue table of failed events', () => {
  it('has its columns in the order of its objects and lies beside the events', () => {
    const table = failedEventsTable(OPTIONS);
    expect(table.Name).toBe('raw_failed_events');
    expect(table.StorageDescriptor.Location).toBe('s3://bucket/failed/');
    expect(table.StorageDescriptor.Columns.map(({ Name, Type }) => `${Name} ${Type}`)).toEqual([
      'id string',
      'failed_at timestamp',
      'stage string',
      'code string',
      'path string',
      'reason string',
      'event_type string',
      'version int',
      'event_id string',
      'payload string',
      'payload_encoding string',
      'recovered_at timestamp',
    ]);
    expect(table.PartitionKeys.map(({ Name }) => Name)).toEqual(['dt', 'hour']);
  });

  it('declares the type that each form is written in', () => {
    const types = { text: 'string', integer: 'int', 'timestamp-millis': 'timestamp' };
    for (const { form, type } of FAILED_EVENT_COLUMNS) expect(type).toBe(types[form]);
  });
});

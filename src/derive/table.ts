import { FAILED_EVENT_COLUMNS } from './failed-events-table.ts';
import type { Layout } from './layout.ts';
import { FAILED_EVENTS, failedEventsPrefix, objectPrefix, rawTableName } from './names.ts';
import { type PartitionBy, partitionKeys, projectedDays } from './partition.ts';
import { type PersonalMark, personalNote, withPersonalNote } from './personal-note.ts';
import { type TableColumn, tableColumns } from './table-columns.ts';

/**
 * A table in the shape and the spelling of Glue's `TableInput`, which is that of its API and of CloudFormation alike.
 * Source: AWS Glue Web API Reference, "TableInput".
 */
export interface TableInput {
  readonly Name: string;
  readonly Description: string;
  readonly TableType: 'EXTERNAL_TABLE';
  readonly Parameters: Readonly<Record<string, string>>;
  readonly PartitionKeys: readonly GlueColumn[];
  readonly StorageDescriptor: {
    readonly Columns: readonly GlueColumn[];
    readonly Location: string;
    readonly InputFormat: string;
    readonly OutputFormat: string;
    readonly SerdeInfo: {
      readonly SerializationLibrary: string;
      readonly Parameters: Readonly<Record<string, string>>;
    };
  };
}

export interface GlueColumn {
  readonly Name: string;
  readonly Type: string;
  readonly Comment?: string;
}

export interface TableOptions {
  /** Where the objects lie: `s3://bucket`, or `s3://bucket/some/prefix`. */
  readonly bucketUri: string;
  /** By arrival where nobody says otherwise. */
  readonly partitionBy?: PartitionBy;
}

/**
 * Derives the Glue table over an event type's CSV objects.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when no table can hold the layout.
 */
export function deriveTable(layout: Layout, options: TableOptions): TableInput {
  return tableInput(
    {
      name: rawTableName(layout.eventType),
      description: `Events of type ${layout.eventType} as they were delivered; text is escaped, views undo it`,
      prefix: objectPrefix(layout.eventType),
      columns: tableColumns(layout),
      parameters: { 'sluice.contract': layout.digest },
    },
    options,
  );
}

/** The Glue table over the CSV objects of failed events. */
export function failedEventsTable(options: TableOptions): TableInput {
  return tableInput(
    {
      name: rawTableName(FAILED_EVENTS),
      description: 'Events that a stage gave up, of every type; text is escaped, views undo it',
      prefix: failedEventsPrefix(),
      columns: FAILED_EVENT_COLUMNS,
      parameters: {},
    },
    options,
  );
}

interface TableSpec {
  readonly name: string;
  readonly description: string;
  readonly prefix: string;
  readonly columns: readonly TableColumn[];
  readonly parameters: Readonly<Record<string, string>>;
}

function tableInput(spec: TableSpec, { bucketUri, partitionBy = 'arrival' }: TableOptions): TableInput {
  const location = `${bucketUri.replace(/\/$/, '')}/${spec.prefix}`;
  return {
    Name: spec.name,
    Description: spec.description,
    TableType: 'EXTERNAL_TABLE',
    Parameters: {
      EXTERNAL: 'TRUE',
      classification: 'csv',
      ...projection(partitionBy),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena fills these placeholders in.
      'storage.location.template': `${location}${'dt=${dt}/hour=${hour}/'}`,
      ...spec.parameters,
    },
    PartitionKeys: partitionKeys(partitionBy).map(glueColumn),
    StorageDescriptor: {
      Columns: spec.columns.map(glueColumn),
      Location: location,
      InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
      OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
      SerdeInfo: {
        SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
        Parameters: { 'field.delim': ',', 'serialization.format': ',', 'escape.delim': '\\' },
      },
    },
  };
}

/**
 * Partition projection: Athena computes the partitions, so nobody has to register them.
 * Source: Amazon Athena User Guide, "Supported types for partition projection".
 */
function projection(partitionBy: PartitionBy): Readonly<Record<string, string>> {
  return {
    'projection.enabled': 'true',
    'projection.dt.type': 'date',
    'projection.dt.format': 'yyyy-MM-dd',
    'projection.dt.range': projectedDays(partitionBy),
    'projection.dt.interval': '1',
    'projection.dt.interval.unit': 'DAYS',
    'projection.hour.type': 'integer',
    'projection.hour.range': '0,23',
    // Without it the hours 0 to 9 would be looked for under `hour=3/` and never found.
    'projection.hour.digits': '2',
  };
}

/** Longest comment that Glue takes, in characters. */
export const MAX_COMMENT_LENGTH = 255;

/** A column as Glue has it: its doc, with what is to be known of personal data, as the comment. */
export function glueColumn({ name, type, doc, pii }: Pick<TableColumn, 'name' | 'type' | 'doc' | 'pii'>): GlueColumn {
  const text = withPersonalNote(doc === undefined ? undefined : comment(doc, docRoom(pii)), pii);
  return { Name: name, Type: type, ...(text === undefined ? {} : { Comment: text }) };
}

/** Characters of a doc that a column's comment has room for, beside the note that it is personal data. */
export function docRoom(pii: PersonalMark | undefined): number {
  return MAX_COMMENT_LENGTH - (pii === undefined ? 0 : ` (${personalNote(pii)})`.length);
}

/** A comment is one line; cut text ends in dots and never in half a character. */
function comment(doc: string, room: number): string {
  const line = doc.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line.length <= room) return line;
  return `${line.slice(0, room - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
}

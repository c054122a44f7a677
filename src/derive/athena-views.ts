import { SluiceError } from '../errors.ts';
import type { CellForm, Layout } from './layout.ts';
import { allRowsViewName, viewName } from './names.ts';
import { type PartitionBy, partitionKeys } from './partition.ts';
import { eventTable, FAILED_EVENTS_TABLE, type SqlTable } from './sql-table.ts';
import { type GlueColumn, glueColumn } from './table.ts';
import type { TableColumn } from './table-columns.ts';
import { type ViewDialect, viewQueries } from './views.ts';

/**
 * The views of Athena, which keeps them as tables of the Glue Data Catalog. Glue knows nothing of them; the form is that
 * of the engine that Athena is: a comment that holds JSON in base64.
 * Source: Trino's Hive connector, `ViewReaderUtil` and `ConnectorViewDefinition`.
 */
export interface ViewInput {
  readonly Name: string;
  /** No `Description` beside it: the engine takes that for the `comment`, which is how it knows a view of its own. */
  readonly TableType: 'VIRTUAL_VIEW';
  readonly Parameters: Readonly<Record<string, string>>;
  readonly PartitionKeys: readonly GlueColumn[];
  readonly StorageDescriptor: {
    readonly Columns: readonly GlueColumn[];
    readonly SerdeInfo: { readonly Name: string; readonly SerializationLibrary: string };
  };
  /** See `viewText`. */
  readonly ViewOriginalText: string;
  readonly ViewExpandedText: string;
}

/** What a view's JSON says. */
export interface ViewDefinition {
  readonly originalSql: string;
  readonly catalog: string;
  /** The database: names in the SQL that say none are of this one. */
  readonly schema: string;
  /** Types as the engine calls them. A view whose query gives others is stale, and Athena refuses to read it. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Who queries the view needs the right to read the table: a view lends nobody the rights of its owner. */
  readonly runAsInvoker: true;
}

/** The two views upon a raw table: decoded with every row, and de-duplicated. */
export interface AthenaViews {
  readonly all: ViewInput;
  readonly deduplicated: ViewInput;
}

export interface ViewOptions {
  /** The Glue database that holds the raw table and the views. */
  readonly database: string;
  /** As the table is; by arrival where nobody says otherwise. */
  readonly partitionBy?: PartitionBy;
}

/**
 * Derives the views upon an event type's table.
 *
 * @throws SluiceError SLUICE_SCHEMA_INVALID when Glue cannot hold a view of so many columns.
 */
export function deriveAthenaViews(layout: Layout, options: ViewOptions): AthenaViews {
  return athenaViews(eventTable(layout), options, { 'sluice.contract': layout.digest });
}

/** The views upon the table of failed events. */
export function failedEventsAthenaViews(options: ViewOptions): AthenaViews {
  return athenaViews(FAILED_EVENTS_TABLE, options, {});
}

function athenaViews(
  table: SqlTable,
  { database, partitionBy = 'arrival' }: ViewOptions,
  parameters: Readonly<Record<string, string>>,
): AthenaViews {
  const { all, deduplicated } = viewQueries(table, ATHENA);
  const types = table.columns.map(viewTypes);
  const keys = partitionKeys(partitionBy).map(({ name, type, doc }) => ({
    name,
    glue: type,
    athena: athenaType(type),
    doc,
  }));
  const columns = [...table.columns.map((column, index) => ({ ...column, ...types[index]! })), ...keys];
  const viewOf = (name: string, originalSql: string): ViewInput => ({
    Name: name,
    TableType: 'VIRTUAL_VIEW',
    Parameters: { presto_view: 'true', comment: 'Presto View', ...parameters },
    PartitionKeys: [],
    StorageDescriptor: {
      Columns: columns.map((column) => glueColumn({ ...column, type: column.glue })),
      // A view has no SerDe, but what reads the catalogue wants a name for one.
      SerdeInfo: { Name: '-', SerializationLibrary: '-' },
    },
    ViewOriginalText: viewText(name, {
      originalSql,
      catalog: CATALOG,
      schema: database,
      columns: columns.map((column) => ({ name: column.name, type: column.athena })),
      runAsInvoker: true,
    }),
    ViewExpandedText: '/* Presto View */',
  });
  return {
    all: viewOf(allRowsViewName(table.name), all),
    deduplicated: viewOf(viewName(table.name), deduplicated),
  };
}

/** What Athena calls the Glue Data Catalog of the account. */
const CATALOG = 'awsdatacatalog';

/** The longest text of a view that Glue takes, in characters. Source: AWS Glue Web API Reference, "TableInput". */
const MAX_VIEW_TEXT = 409_600;

/** A view's definition as the comment that Athena reads. */
function viewText(name: string, definition: ViewDefinition): string {
  const text = `/* Presto View: ${Buffer.from(JSON.stringify(definition)).toString('base64')} */`;
  if (text.length <= MAX_VIEW_TEXT) return text;
  throw new SluiceError(
    'SLUICE_SCHEMA_INVALID',
    `the view ${name} of ${definition.columns.length} columns would take ${text.length} characters, and Glue keeps ` +
      `${MAX_VIEW_TEXT}; keep parts of the event as arrays or maps, which are one column each`,
  );
}

/** The definition that a view's text holds. */
export function viewDefinition(text: string): ViewDefinition {
  const base64 = /^\/\* Presto View: (\S+) \*\/$/.exec(text)?.[1];
  if (base64 === undefined) throw new TypeError('no view of Athena');
  return JSON.parse(Buffer.from(base64, 'base64').toString('utf8')) as ViewDefinition;
}

/**
 * Athena's words for the views. An instant is made from nanoseconds, which is the one function that takes more than
 * milliseconds; it gives the session's time zone, so the zone is said before the zone is dropped.
 */
const ATHENA: ViewDialect = {
  base64: (column) => `TRY(from_base64(${column}))`,
  'time-millis': (column) => timeOf(`CAST(${column} AS bigint) * 1000000`, 3),
  'time-micros': (column) => timeOf(`${column} * 1000`, 6),
  // Nanoseconds of the year 1 have more digits than 64 bits.
  'timestamp-micros': (column) => timestampOf(`CAST(${column} AS decimal(22,0)) * DECIMAL '1000'`, 6),
  'timestamp-nanos': (column) => timestampOf(column, 9),
};

function timestampOf(nanos: string, digits: number): string {
  return `CAST(${instantOf(nanos)} AS timestamp(${digits}))`;
}

/** A time of day is text: Glue has no type for it, and Athena no view without one. As text it sorts and compares right. */
function timeOf(nanos: string, digits: number): string {
  return `CAST(CAST(${instantOf(nanos)} AS time(${digits})) AS varchar)`;
}

function instantOf(nanos: string): string {
  return `from_unixtime_nanos(${nanos}) AT TIME ZONE 'UTC'`;
}

interface ViewTypes {
  readonly athena: string;
  readonly glue: string;
}

/** The types of the value that a view shows for a column. */
function viewTypes({ type, form }: TableColumn): ViewTypes {
  return DECODED[form] ?? { athena: athenaType(type), glue: type };
}

const DECODED: Readonly<Partial<Record<CellForm, ViewTypes>>> = {
  base64: { athena: 'varbinary', glue: 'binary' },
  'time-millis': { athena: 'varchar', glue: 'string' },
  'time-micros': { athena: 'varchar', glue: 'string' },
  'timestamp-micros': { athena: 'timestamp(6)', glue: 'timestamp' },
  'timestamp-nanos': { athena: 'timestamp(9)', glue: 'timestamp' },
};

const ATHENA_TYPES: Readonly<Record<string, string>> = {
  int: 'integer',
  float: 'real',
  string: 'varchar',
  timestamp: 'timestamp(3)',
};

/** Athena's name of a Glue type of a table. */
export function athenaType(glueType: string): string {
  return ATHENA_TYPES[glueType] ?? glueType;
}

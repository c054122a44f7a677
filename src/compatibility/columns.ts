import { type Column, MAX_DECIMAL_PRECISION, widen } from '../derive/layout.ts';
import { docRoom, MAX_COMMENT_LENGTH } from '../derive/table.ts';
import type { Field, Node, RecordNode } from '../schema/ast.ts';
import { PARTITION_KEYS, SYSTEM_COLUMNS } from '../schema/system-columns.ts';
import type { Contract, Rule, Spot } from './rule.ts';
import { MAX_COLUMNS } from './size.ts';
import { placesOf } from './walk.ts';

/** Longest name of a column, in bytes. Source: Amazon Athena User Guide, "Name databases, tables, and columns". */
const MAX_NAME_BYTES = 255;

/** Words that SQL knows. Source: Amazon Athena User Guide, "Reserved keywords in SQL SELECT statements". */
const RESERVED_WORDS: ReadonlySet<string> = new Set(
  (
    'alter and as between by case cast constraint create cross cube current_catalog current_date current_path ' +
    'current_role current_schema current_time current_timestamp current_user deallocate delete describe distinct ' +
    'drop else end escape except execute exists extract false first for from full group grouping having in inner ' +
    'insert intersect into is join json_array json_exists json_object json_query json_table json_value last left ' +
    'like listagg localtime localtimestamp natural normalize not null on or order outer prepare recursive right ' +
    'rollup select skip table then trim true uescape union unnest using values when where with'
  ).split(' '),
);

function pathOf({ source, name }: Column): string {
  return source === null ? `$ (column ${name})` : ['$', ...source].join('.');
}

/** Columns that stand in the same place before and after. */
function* kept(before: Contract, after: Contract): Generator<{ readonly was: Column; readonly is: Column }> {
  for (const [position, was] of (before.columns ?? []).entries()) {
    const is = after.columns?.[position];
    if (is?.name === was.name) yield { was, is };
  }
}

/** Columns that a version has filled no more. */
function* abandoned(before: Contract, after: Contract): Generator<Column & { readonly source: readonly string[] }> {
  for (const { was, is } of kept(before, after)) {
    if (was.source !== null && is.source === null) yield { ...was, source: was.source };
  }
}

/** True where the value still exists, though in another column: its field is there, or a record around it as JSON. */
function isMoved(source: readonly string[], root: RecordNode): boolean {
  let node: Node = root;
  for (const name of source) {
    if (node.kind !== 'record') return true;
    const field: Field | undefined = node.fields.find(
      (candidate) => candidate.name === name || candidate.aliases.includes(name),
    );
    if (field === undefined) return false;
    node = field.node;
  }
  return true;
}

const QUERIES = 'queries on the column';

/** Text files, tables and views: what is derived from the leaves of a history. */
export const COLUMN_RULES: readonly Rule[] = [
  {
    id: 'CSV_COLUMNS_APPEND_ONLY',
    surface: 'CSV',
    severity: 'error',
    purpose: 'columns keep their position, and new ones come last: files are read by position',
    affected: 'every object that was written before: its values would stand in other columns',
    advice: 'put the published versions back, and make the change in a new version',
    over: 'contracts',
    *find(before, after): Generator<Spot> {
      for (const [position, was] of (before.columns ?? []).entries()) {
        const is = after.columns?.[position];
        if (is?.name === was.name) continue;
        const now = is === undefined ? 'would be missing' : `would be ${is.name}`;
        yield { path: pathOf(was), message: `column ${was.name} at position ${position} ${now}` };
      }
    },
  },
  {
    id: 'CSV_FORM_SAME',
    surface: 'CSV',
    severity: 'error',
    purpose: 'the text of a cell keeps its form, base64 for instance',
    affected: 'every object that was written before: its cells would be decoded wrongly',
    advice: 'put the published versions back, and make the change in a new version, which gives it a column of its own',
    over: 'contracts',
    *find(before, after): Generator<Spot> {
      for (const { was, is } of kept(before, after)) {
        if (was.type !== is.type || was.form === is.form) continue;
        yield { path: pathOf(is), message: `column ${is.name} was written as ${was.form} and would be as ${is.form}` };
      }
    },
  },
  {
    id: 'TABLE_TYPES_WIDEN_ONLY',
    surface: 'TABLE',
    severity: 'error',
    purpose: 'the type of a column stays or widens',
    affected: 'every object that was written before: values that do not fit would read as NULL',
    advice: 'put the published versions back, and make the change in a new version, which gives it a column of its own',
    over: 'contracts',
    *find(before, after): Generator<Spot> {
      for (const { was, is } of kept(before, after)) {
        if (was.type === is.type || widen(was, is) !== undefined) continue;
        yield { path: pathOf(is), message: `column ${is.name} was ${was.type} and would be ${is.type}` };
      }
    },
  },
  {
    id: 'TABLE_COLUMN_NAMES_DISTINCT',
    surface: 'TABLE',
    severity: 'error',
    purpose: 'no two columns have one name, as Glue compares them in lower case; nested fields are joined by _',
    affected: 'the table, which cannot be made',
    advice: 'rename one of the fields',
    over: 'contract',
    *find({ columns = [] }): Generator<Spot> {
      const owners = new Map<string, Column>();
      for (const column of columns) {
        const owner = owners.get(column.name);
        if (owner === undefined) owners.set(column.name, column);
        else
          yield { path: pathOf(column), message: `its column would be called "${column.name}", as ${pathOf(owner)}` };
      }
    },
  },
  {
    id: 'TABLE_COLUMN_NOT_SYSTEM',
    surface: 'TABLE',
    severity: 'error',
    purpose: `no field is called like a system column: ${SYSTEM_COLUMNS.map(({ name }) => name).join(', ')}`,
    affected: 'the table, which cannot be made',
    advice: 'rename the field',
    over: 'contract',
    *find({ columns = [] }): Generator<Spot> {
      for (const column of columns) {
        if (!SYSTEM_COLUMNS.some(({ name }) => name === column.name)) continue;
        yield { path: pathOf(column), message: `${column.name} is a system column of every table` };
      }
    },
  },
  {
    id: 'TABLE_COLUMN_NOT_PARTITION',
    surface: 'TABLE',
    severity: 'warning',
    purpose: `a field called like a partition (${PARTITION_KEYS.map(({ name }) => name).join(', ')}) has another name in SQL`,
    affected: QUERIES,
    advice: 'rename the field, or tell those who query',
    over: 'contract',
    *find({ columns = [] }): Generator<Spot> {
      for (const column of columns) {
        const key = PARTITION_KEYS.find(({ name }) => column.name === `${name}_`);
        if (key === undefined || column.source?.join('_').toLowerCase() !== key.name) continue;
        yield {
          path: pathOf(column),
          message: `its column is called ${column.name}, since ${key.name} is a partition`,
        };
      }
    },
  },
  {
    id: 'TABLE_COLUMN_COUNT',
    surface: 'TABLE',
    severity: 'error',
    purpose: `a history has at most ${MAX_COLUMNS} columns (our own limit: Glue names none, consoles and engines give out)`,
    affected: 'everything that is derived',
    advice: 'make part of it an array, a map or a nullable record, which is one column of JSON text',
    over: 'contract',
    *find({ columns }): Generator<Spot> {
      if (columns === undefined) yield { path: '$', message: `there would be more than ${MAX_COLUMNS} columns` };
    },
  },
  {
    id: 'TABLE_COLUMN_NAME_LENGTH',
    surface: 'TABLE',
    severity: 'error',
    purpose: `a column's name has at most ${MAX_NAME_BYTES} bytes (Glue); nested fields are joined by _`,
    affected: 'the table, which cannot be made',
    advice: 'shorten the names of the fields on the way',
    over: 'contract',
    *find({ columns = [] }): Generator<Spot> {
      for (const column of columns) {
        if (column.name.length <= MAX_NAME_BYTES) continue;
        yield { path: pathOf(column), message: `the name of its column would have ${column.name.length} bytes` };
      }
    },
  },
  {
    id: 'TABLE_COMMENT_LENGTH',
    surface: 'TABLE',
    severity: 'warning',
    purpose: `a column's comment has at most ${MAX_COMMENT_LENGTH} characters (Glue); a longer doc is cut there`,
    affected: 'those who read the table in a catalogue',
    advice: 'shorten the doc, or begin it with what matters most',
    over: 'contract',
    *find({ columns = [] }): Generator<Spot> {
      for (const column of columns) {
        const length = column.doc?.length ?? 0;
        if (column.source === null || length <= docRoom(column.pii)) continue;
        yield { path: pathOf(column), message: `its doc has ${length} characters` };
      }
    },
  },
  {
    id: 'TABLE_DECIMAL_DIGITS',
    surface: 'TABLE',
    severity: 'warning',
    purpose: `a decimal has at most ${MAX_DECIMAL_PRECISION} digits in SQL (Athena); a longer one is text there`,
    affected: QUERIES,
    advice: 'lower the precision, or cast in queries',
    over: 'version',
    *find({ root }): Generator<Spot> {
      for (const { node, path } of placesOf(root)) {
        const logical = 'logical' in node ? node.logical : undefined;
        if (logical?.type !== 'decimal' || logical.precision <= MAX_DECIMAL_PRECISION) continue;
        yield { path, message: `a decimal of ${logical.precision} digits is text in SQL` };
      }
    },
  },
  {
    id: 'QUERY_COLUMN_STAYS',
    surface: 'QUERY',
    severity: 'error',
    purpose: 'a value stays in its column: beyond widening, a changed type gets a new column, and queries miss it',
    affected: `${QUERIES}, which see NULL for new events`,
    advice: 'keep the type, and add a field of the new type under another name',
    over: 'contracts',
    *find(before, after): Generator<Spot> {
      for (const column of abandoned(before, after)) {
        if (!isMoved(column.source, after.history.newest.root)) continue;
        yield { path: pathOf(column), message: `its values would leave column ${column.name} (${column.type})` };
      }
    },
  },
  {
    id: 'QUERY_COLUMN_FILLED',
    surface: 'QUERY',
    severity: 'warning',
    purpose: 'a column is filled as long as it is queried; that of a removed field stays, and is NULL from then on',
    affected: `${QUERIES}, which see NULL for new events`,
    advice: 'tell those who query',
    over: 'contracts',
    *find(before, after): Generator<Spot> {
      for (const column of abandoned(before, after)) {
        if (isMoved(column.source, after.history.newest.root)) continue;
        yield { path: pathOf(column), message: `column ${column.name} would be NULL for new events` };
      }
    },
  },
  {
    id: 'QUERY_TYPE_SAME',
    surface: 'QUERY',
    severity: 'warning',
    purpose: 'a view keeps the type of a column; where it widens, programs that fetch it feel it',
    affected: 'programs that fetch the column into a narrower type',
    advice: 'tell those who query',
    over: 'contracts',
    *find(before, after): Generator<Spot> {
      for (const { was, is } of kept(before, after)) {
        if (was.type === is.type || widen(was, is) === undefined) continue;
        yield { path: pathOf(is), message: `column ${is.name} widens from ${was.type} to ${is.type}` };
      }
    },
  },
  {
    id: 'QUERY_NAME_NOT_RESERVED',
    surface: 'QUERY',
    severity: 'warning',
    purpose: 'no column is called like a word of SQL (Athena), since it must then be quoted in every query',
    affected: 'those who write queries',
    advice: 'rename the field, or quote the column: "order"',
    over: 'contract',
    *find({ columns = [] }): Generator<Spot> {
      for (const column of columns) {
        if (column.source === null || !RESERVED_WORDS.has(column.name)) continue;
        yield { path: pathOf(column), message: `${column.name} must be quoted in SQL` };
      }
    },
  },
];

import { AvroSource } from '../../src/codec/avro-source.ts';
import { readFrame } from '../../src/codec/framing.ts';
import type { Column, Layout } from '../../src/derive/layout.ts';
import { tableColumns } from '../../src/derive/table-columns.ts';
import type { Node } from '../../src/schema/ast.ts';
import type { SchemaHistory, SchemaVersion } from '../../src/schema/history.ts';
import { matchFields } from '../../src/schema/resolution.ts';
import { SYSTEM_COLUMNS } from '../../src/schema/system-columns.ts';
import { Float32 } from '../arbitraries/back.ts';
import { checkAlongHistories, codecAt, decoderOf, type EventAlong } from '../chain-histories.ts';
import { encoded, framed } from '../codec.ts';
import { holdsInTable, valueAt } from '../expected-cells.ts';
import { isExplained } from '../explained.ts';
import type { Law } from '../law.ts';
import { linesOf } from '../objects.ts';
import type { Failure } from '../property.ts';
import { parsed } from '../readers/json.ts';
import type { Cell, Readers } from '../readers/readers.ts';

export const POSITIONS_FOR_EVER: Law = {
  number: 6,
  id: 'positions-for-ever',
  statement:
    'Along any chain of versions, every old object and every new one, read with the newest table, gives the values or null; no column moves, vanishes, or changes its type but by widening.',
  why: 'Objects are read by position and never written again: a column that moves turns a year of prices into quantities.',
  needs: ['trino', 'duckdb'],
  check(subject, context) {
    return checkAlongHistories(
      subject,
      context,
      async (history, events) => columnsFailure(history) ?? (await eventsFailure(history, events, context.readers)),
    );
  },
};

/** What is wrong with the columns themselves, from each version to the next. */
function columnsFailure(history: SchemaHistory): Failure | undefined {
  const layouts = history.versions.map((version) => codecAt(history, version).layout.columns);
  for (const [index, columns] of layouts.slice(1).entries()) {
    for (const [position, before] of layouts[index]!.entries()) {
      const after = columns[position];
      const said = `column ${position}, ${before.name} ${before.type},`;
      if (after === undefined) return { field: before.name, details: `${said} has vanished` };
      if (after.name !== before.name) return { field: before.name, details: `${said} has become ${after.name}` };
      if (!isWidened(before, after)) return { field: before.name, details: `${said} has become ${after.type}` };
    }
    const failure = movedFailure(history.versions[index]!, history.versions[index + 1]!, layouts[index]!, columns);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** A field that Avro finds again, by its name or another one, and that its column could still hold, is in that column. */
function movedFailure(
  { root }: SchemaVersion,
  next: SchemaVersion,
  before: readonly Column[],
  after: readonly Column[],
): Failure | undefined {
  for (const [position, column] of before.entries()) {
    const path = column.source === null ? undefined : pathIn(next.root, root, column.source);
    const now = after.find(({ source }) => source !== null && source.join('.') === path?.join('.'));
    if (now === undefined || now === after[position] || !isWidened(column, now)) continue;
    const details = `column ${position}, ${column.name}, could go on as ${path!.join('.')}, which has got ${now.name}`;
    return { field: column.name, details };
  }
  return undefined;
}

/** Where a reader has what its writer has at a path of records; undefined where it has not. */
function pathIn(reader: Node, writer: Node, [name, ...rest]: readonly string[]): readonly string[] | undefined {
  if (name === undefined) return [];
  if (reader.kind !== 'record' || writer.kind !== 'record') return undefined;
  const { from, to } = matchFields(writer, reader).steps.find(({ from }) => from.name === name)!;
  const within = to === undefined ? undefined : pathIn(to.node, from.node, rest);
  return within === undefined ? undefined : [to!.name, ...within];
}

const WIDER: Readonly<Record<string, readonly string[]>> = {
  int: ['bigint', 'float', 'double'],
  bigint: ['float', 'double'],
  float: ['double'],
};

/** Whether all that was written for a type reads as another; told from docs/compatibility.md, not from the code. */
function isWidened(before: Column, after: Column): boolean {
  if (before.type === after.type) return before.form === after.form;
  if (WIDER[before.type]?.includes(after.type)) return true;
  const [from, to] = [before, after].map(({ type }) => /^decimal\((\d+),(\d+)\)$/.exec(type)?.slice(1).map(Number));
  return from !== undefined && to !== undefined && from[1] === to[1] && from[0]! < to[0]!;
}

async function eventsFailure(
  history: SchemaHistory,
  events: readonly EventAlong[],
  readers: Readers,
): Promise<Failure | undefined> {
  const rows = events.map((event, index) => rowOf(history, event, index)).filter((row) => row !== undefined);
  const csv = Buffer.concat(rows.map(({ line }) => line));
  const newest = codecAt(history, history.newest).layout;
  const columns = tableColumns(newest);
  const [trino, duckdb] = await Promise.all([readers.trino(), readers.duckdb()]);
  const [byTrino, byDuckDb] = await Promise.all([trino.read(csv, columns), duckdb.read(csv, columns)]);
  for (const [reader, read] of [
    ['Trino', byTrino],
    ['DuckDB', byDuckDb],
  ] as const) {
    if (read.length !== rows.length) {
      return { field: '$', details: `${reader} reads ${rows.length} rows as ${read.length}` };
    }
    for (const [index, cells] of read.entries()) {
      const row = rows[index]!;
      const failure =
        versionFailure(reader, cells, row.event) ?? rowFailure(reader, cells.slice(SYSTEM_COLUMNS.length), row, newest);
      if (failure !== undefined) return failure;
    }
  }
  return rows.map((row) => heirFailure(history, row)).find((failure) => failure !== undefined);
}

interface Row {
  readonly event: EventAlong;
  readonly line: Buffer;
  /** The Avro data of the event, as it was written. */
  readonly data: Uint8Array;
  readonly layout: Layout;
  /** The event as its row had it: resolved to what was newest then. */
  readonly value: unknown;
}

/** The row that an event became then, by the codec of then; undefined where that could not read it. */
function rowOf(history: SchemaHistory, event: EventAlong, index: number): Row | undefined {
  const { sample, writer: version, reader: at } = event;
  const writing = codecAt(history, version);
  const value = encoded(writing, sample, version.version);
  const { bytes, start } = readFrame(value);
  const data = bytes.subarray(start);
  const isOwn = version.version === at.version;
  const had = isOwn ? sample.back : readAs(data, version, at);
  if (had === undefined) return undefined;
  const then = codecAt(history, at);
  const [line] = linesOf(then, [framed(value, index)]);
  return { event, line: line!, data, layout: then.layout, value: had };
}

/** An event read as a later version; undefined where that cannot read it, and it is known why. */
function readAs(data: Uint8Array, version: SchemaVersion, at: SchemaVersion): unknown {
  try {
    return parsed(decoderOf(version, at)(new AvroSource(Buffer.from(data), 0)));
  } catch (error) {
    if (isExplained('sluice', (error as Error).message)) return undefined;
    throw error;
  }
}

const VERSION_AT = SYSTEM_COLUMNS.findIndex(({ name }) => name === '_schema_version');

/** A row says which version its event was written with, whichever read it. */
function versionFailure(
  reader: string,
  cells: readonly Cell[],
  { writer: { version } }: EventAlong,
): Failure | undefined {
  const cell = cells[VERSION_AT]!;
  if (cell?.text === String(version)) return undefined;
  return {
    field: SYSTEM_COLUMNS[VERSION_AT]!.name,
    details: `${reader} reads ${JSON.stringify(cell)} in a row of v${version}`,
  };
}

/** A row in the newest table: what it had is where it was, and the columns that it did not have are null. */
function rowFailure(
  reader: string,
  cells: readonly Cell[],
  { event: { reader: at }, layout, value }: Row,
  newest: Layout,
): Failure | undefined {
  for (const [position, { name, type }] of newest.columns.entries()) {
    const column = layout.columns[position];
    const sent = column === undefined ? null : valueAt(value, column.source);
    const cell = cells[position]!;
    if (holdsInTable(cell, column?.form ?? 'text', sent)) continue;
    const details = `${reader} reads ${JSON.stringify(cell)} (${type}) in an object of v${at.version} that has ${JSON.stringify(sent)}`;
    return { field: name, details };
  }
  return undefined;
}

/** The next version has the value of a column at the place that it calls the column's own. */
function heirFailure(
  history: SchemaHistory,
  { event: { writer: version, reader: at }, data, layout, value }: Row,
): Failure | undefined {
  const next = history.versions[history.versions.indexOf(version) + 1];
  if (version !== at || next === undefined) return undefined;
  const after = codecAt(history, next).layout;
  const inNext = readAs(data, version, next);
  if (inNext === undefined) return undefined;
  for (const [position, { name, source, form, node }] of layout.columns.entries()) {
    const heir = after.columns[position]!;
    // JSON may have gained members within, and a symbol that is gone reads as the enum's default.
    if (source === null || heir.source === null || form === 'json' || node.kind === 'enum') continue;
    const [was, is] = [valueAt(value, source), valueAt(inNext, heir.source)];
    if (!isSame(was, is)) {
      return {
        field: name,
        details: `${JSON.stringify(was)} of v${version.version} is ${JSON.stringify(is)} in v${next.version}, at ${heir.source.join('.')}`,
      };
    }
  }
  return undefined;
}

/** Whether two values are the same, where one may be told with more digits, or as a float or a double. */
function isSame(was: unknown, is: unknown): boolean {
  const [one, other] = [was, is].map((value) => String(value instanceof Float32 ? value.value : value));
  return one === other || (one !== '' && Object.is(Math.fround(Number(one)), Math.fround(Number(other))));
}

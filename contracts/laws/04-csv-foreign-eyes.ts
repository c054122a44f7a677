import fc from 'fast-check';
import { allRowsViewName } from '../../src/derive/names.ts';
import { type TableColumn, tableColumns } from '../../src/derive/table-columns.ts';
import type { SchemaVersion } from '../../src/schema/history.ts';
import { SYSTEM_COLUMNS } from '../../src/schema/system-columns.ts';
import { type BodySample, bodiesOf } from '../arbitraries/bodies.ts';
import { codecOf, encoded, framed } from '../codec.ts';
import { holdsInTable, holdsInView, outerText, valueAt } from '../expected-cells.ts';
import type { Law } from '../law.ts';
import { linesOf, withoutLast } from '../objects.ts';
import { checkCases, type Failure } from '../property.ts';
import type { Cell } from '../readers/readers.ts';
import { queryObjects } from '../views.ts';

interface Case {
  readonly sample: BodySample;
  /** Columns at the end that the row does not have, as rows of older objects do not. */
  readonly missing: number;
}

export const CSV_FOREIGN_EYES: Law = {
  number: 4,
  id: 'csv-foreign-eyes',
  statement:
    "Trino's reader of text and DuckDB read every cell as the value that was sent; null, empty, \\N and a missing column stay four things.",
  why: 'Athena reads a cell that it does not understand as NULL, and says nothing.',
  needs: ['trino', 'duckdb'],
  check({ history }, context) {
    const codec = codecOf(history);
    const columns = tableColumns(codec.layout);
    const { newest } = history;
    const missing = fc.oneof(
      { arbitrary: fc.constant(0), weight: 4 },
      fc.integer({ min: 0, max: codec.layout.columns.length }),
    );
    const cases: fc.Arbitrary<Case> = fc.record({ sample: bodiesOf(newest.root, newest.settings), missing });
    const view = `SELECT * EXCLUDE (dt, hour) FROM ${allRowsViewName(history.eventType)} ORDER BY _kafka_offset`;
    return checkCases(context, cases, { batch: 100, show: ({ sample }) => sample.text }, async (batch) => {
      const [trino, duckdb] = await Promise.all([context.readers.trino(), context.readers.duckdb()]);
      const values = batch.map(({ sample }, index) => framed(encoded(codec, sample, newest.version), index));
      const lines = linesOf(codec, values).map((line, index) => withoutLast(line, batch[index]!.missing));
      const csv = Buffer.concat(lines);
      const [byTrino, byDuckDb, shown] = await Promise.all([
        trino.read(csv, columns),
        duckdb.read(csv, columns),
        queryObjects(history, [csv], view),
      ]);
      const expected = batch.map(({ sample, missing }, index) => [
        ...systemValues(newest, index),
        ...codec.layout.columns.map(({ source }, position) =>
          position < codec.layout.columns.length - missing ? valueAt(sample.back, source) : null,
        ),
      ]);
      return (
        tableFailure('Trino', columns, byTrino, expected) ??
        tableFailure('DuckDB', columns, byDuckDb, expected) ??
        viewFailure(columns, shown, expected)
      );
    });
  },
};

/** What `framed` says of an event, in the columns in front. */
function systemValues({ version }: SchemaVersion, index: number): unknown[] {
  const { eventId, ingestedAt, partition, offset, replayId } = framed(Buffer.of(), index);
  const values = [eventId, version, new Date(ingestedAt).toISOString(), partition, Number(offset), replayId];
  if (values.length !== SYSTEM_COLUMNS.length) throw new Error('the system columns are others than this law knows');
  return values;
}

function tableFailure(
  reader: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  expected: readonly (readonly unknown[])[],
): Failure | undefined {
  if (rows.length !== expected.length) {
    return { field: '$', details: `${reader} reads ${expected.length} rows as ${rows.length}` };
  }
  for (const [index, row] of rows.entries()) {
    for (const [position, { name, type, form }] of columns.entries()) {
      const value = expected[index]![position];
      const cell = row[position]!;
      // What the view makes of a text must be the value, too.
      const isRight =
        holdsInTable(cell, form, value) && (form !== 'text' || cell === null || outerText(cell.text) === value);
      if (!isRight) {
        return {
          field: name,
          details: `${reader} reads ${JSON.stringify(cell)} (${type}) where ${shownAs(value)} was sent`,
        };
      }
    }
  }
  return undefined;
}

function viewFailure(
  columns: readonly TableColumn[],
  rows: readonly Readonly<Record<string, unknown>>[],
  expected: readonly (readonly unknown[])[],
): Failure | undefined {
  if (rows.length !== expected.length) {
    return { field: '$', details: `the view shows ${expected.length} rows as ${rows.length}` };
  }
  for (const [index, row] of rows.entries()) {
    for (const [position, { name, form }] of columns.entries()) {
      const value = expected[index]![position];
      if (!holdsInView(row[name], form, value)) {
        return { field: name, details: `the view shows ${JSON.stringify(row[name])} where ${shownAs(value)} was sent` };
      }
    }
  }
  return undefined;
}

function shownAs(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

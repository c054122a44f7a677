import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemas } from '../../contracts/arbitraries/schemas.ts';
import {
  athenaType,
  deriveAthenaViews,
  failedEventsAthenaViews,
  viewDefinition,
} from '../../src/derive/athena-views.ts';
import { deriveLayout } from '../../src/derive/layout.ts';
import { deriveTable, failedEventsTable, type TableInput } from '../../src/derive/table.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { ZOO_SUBJECTS } from '../support/contract-subjects.ts';
import { historyOfFields } from '../support/histories.ts';

const DATABASE = { database: 'sluice_test' };
const BUCKET = { bucketUri: 's3://bucket' };

const layoutOf = (...fields: readonly unknown[]) => deriveLayout(historyOfFields('shop.order', [fields]));

/** The columns of a table, and then those of its partitions. */
const namesOf = ({ StorageDescriptor, PartitionKeys }: TableInput): string[] =>
  [...StorageDescriptor.Columns, ...PartitionKeys].map(({ Name }) => Name);

/** The SQL of the view of all rows for one field of a type. */
function sqlOf(type: unknown): string {
  const { all } = deriveAthenaViews(layoutOf({ name: 'x', type }), DATABASE);
  return viewDefinition(all.ViewOriginalText).originalSql;
}

describe('the views of an event type', () => {
  const layout = layoutOf({ name: 'id', type: 'string', doc: 'Who' }, { name: 'total', type: 'int' });
  const { all, deduplicated } = deriveAthenaViews(layout, DATABASE);

  test('are called as they are everywhere', () => {
    expect([all.Name, deduplicated.Name]).toEqual(['all_shop_order', 'shop_order']);
  });

  test('are marked as Athena marks its own, and carry the contract', () => {
    for (const { TableType, Parameters, ViewExpandedText, PartitionKeys } of [all, deduplicated]) {
      expect(TableType).toBe('VIRTUAL_VIEW');
      expect(Parameters).toEqual({ presto_view: 'true', comment: 'Presto View', 'sluice.contract': layout.digest });
      expect(ViewExpandedText).toBe('/* Presto View */');
      expect(PartitionKeys).toEqual([]);
    }
  });

  test('have no description, which would stand where the mark is looked for', () => {
    expect([all, deduplicated].filter((view) => 'Description' in view)).toEqual([]);
  });

  test('are of the database that they are made for, and run with the rights of whoever asks', () => {
    const { catalog, schema, runAsInvoker } = viewDefinition(all.ViewOriginalText);
    expect({ catalog, schema, runAsInvoker }).toEqual({
      catalog: 'awsdatacatalog',
      schema: 'sluice_test',
      runAsInvoker: true,
    });
  });

  test('read the raw table, and the view of all rows', () => {
    expect(viewDefinition(all.ViewOriginalText).originalSql).toMatch(/ FROM "raw_shop_order"$/);
    expect(viewDefinition(deduplicated.ViewOriginalText).originalSql).toContain(' FROM "all_shop_order") ');
  });

  test("have the table's columns and comments, the keys of its partitions last", () => {
    const table = deriveTable(layout, BUCKET);
    for (const view of [all, deduplicated]) {
      expect(view.StorageDescriptor.Columns.map(({ Name }) => Name)).toEqual(namesOf(table));
      expect(view.StorageDescriptor.Columns.find(({ Name }) => Name === 'id')?.Comment).toBe('Who');
    }
  });
});

test.each(ZOO_SUBJECTS.map(({ eventType, history }) => [eventType, history] as const))(
  'the views of %s have the columns of its table, in its order, and say a type for each',
  (_, history) => {
    const layout = deriveLayout(history);
    const names = namesOf(deriveTable(layout, BUCKET));
    const { all, deduplicated } = deriveAthenaViews(layout, DATABASE);
    for (const view of [all, deduplicated]) {
      const { columns } = viewDefinition(view.ViewOriginalText);
      expect(columns.map(({ name }) => name)).toEqual(names);
      expect(view.StorageDescriptor.Columns.map(({ Name }) => Name)).toEqual(names);
    }
  },
);

test('views of any schema that has a table hold JSON that says as many columns as Glue does', () => {
  fc.assert(
    fc.property(schemas, (definition) => {
      const history = schemaHistory('any.type', [schemaVersion('any.type', 1, definition)]);
      const { all, deduplicated } = deriveAthenaViews(deriveLayout(history), DATABASE);
      for (const { ViewOriginalText, StorageDescriptor } of [all, deduplicated]) {
        const { columns } = viewDefinition(ViewOriginalText);
        expect(columns.map(({ name }) => name)).toEqual(StorageDescriptor.Columns.map(({ Name }) => Name));
      }
    }),
    { numRuns: 100 },
  );
});

test('what a table holds as it is, a view passes on', () => {
  for (const type of ['boolean', 'int', 'long', 'float', 'double', { type: 'array', items: 'int' }]) {
    expect(sqlOf(type)).toContain(', "x" AS "x", "dt", "hour" FROM');
  }
});

test('a name that is a word of SQL is a name', () => {
  const { all } = deriveAthenaViews(layoutOf({ name: 'select', type: 'int' }), DATABASE);
  expect(viewDefinition(all.ViewOriginalText).originalSql).toContain('"select" AS "select"');
});

test("Athena's names of Glue's types", () => {
  expect(['int', 'bigint', 'float', 'string', 'timestamp', 'decimal(12,2)'].map(athenaType)).toEqual([
    'integer',
    'bigint',
    'real',
    'varchar',
    'timestamp(3)',
    'decimal(12,2)',
  ]);
});

test('the views of failed events have the columns of their table', () => {
  const names = namesOf(failedEventsTable(BUCKET));
  const { all, deduplicated } = failedEventsAthenaViews(DATABASE);
  expect([all.Name, deduplicated.Name]).toEqual(['all_failed_events', 'failed_events']);
  for (const view of [all, deduplicated]) {
    expect(viewDefinition(view.ViewOriginalText).columns.map(({ name }) => name)).toEqual(names);
  }
});

test('a view that Glue cannot hold is refused, with what to do', () => {
  const fields = Array.from({ length: 2_500 }, (_, index) => ({ name: `text_${index}`, type: 'string' }));
  expect(() => deriveAthenaViews(layoutOf(...fields), DATABASE)).toThrow(
    /2508 columns .* Glue keeps 409600; keep parts of the event as arrays or maps/,
  );
});

test('a text that is no view is none', () => {
  expect(() => viewDefinition('SELECT 1')).toThrow(new TypeError('no view of Athena'));
});

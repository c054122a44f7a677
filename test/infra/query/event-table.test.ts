import { App, CfnParameter, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { EventTable } from '../../../infra/query/event-table.ts';
import { FailedEventsTable } from '../../../infra/query/failed-events-table.ts';
import { deriveAthenaViews, failedEventsAthenaViews, viewDefinition } from '../../../src/derive/athena-views.ts';
import { deriveLayout } from '../../../src/derive/layout.ts';
import { deriveTable, failedEventsTable, type TableInput } from '../../../src/derive/table.ts';
import type { SchemaHistory } from '../../../src/schema/history.ts';
import { ZOO_SUBJECTS } from '../../support/contract-subjects.ts';
import { historyOfFields } from '../../support/histories.ts';

const DATABASE = 'sluice_test';

function stackOf(fill: (stack: Stack, bucket: { readonly bucketName: string }) => void): Template {
  const stack = new Stack(new App(), 'Test');
  // Of the name that the derived table is compared with.
  fill(stack, { bucketName: 'events-bucket' });
  return Template.fromStack(stack);
}

const eventTableOf = (history: SchemaHistory, database = DATABASE): Template =>
  stackOf((stack, bucket) => new EventTable(stack, 'EventTable', { history, database, bucket }));

interface Resource {
  readonly Properties: { readonly DatabaseName: string; readonly TableInput: TableInput };
  readonly DependsOn?: readonly string[];
}

/** The tables and views of a template, by their names. */
function tablesOf(template: Template): Map<string, Resource> {
  const resources = Object.values(template.findResources('AWS::Glue::Table')) as Resource[];
  return new Map(resources.map((resource) => [resource.Properties.TableInput.Name, resource]));
}

const ORDER = historyOfFields('shop.order', [
  [{ name: 'id', type: 'string', doc: 'Who' }],
  [
    { name: 'id', type: 'string', doc: 'Who' },
    { name: 'total', type: 'int', default: 0 },
  ],
]);

describe('the tables of an event type', () => {
  test.each([ORDER, ...ZOO_SUBJECTS.map(({ history }) => history)].map((history) => [history.eventType, history]))(
    'of %s are what is derived, to the letter',
    (_, history) => {
      const layout = deriveLayout(history as SchemaHistory);
      const { all, deduplicated } = deriveAthenaViews(layout, { database: DATABASE });
      const derived = [deriveTable(layout, { bucketUri: 's3://events-bucket' }), all, deduplicated];
      const tables = tablesOf(eventTableOf(history as SchemaHistory));
      expect([...tables.values()].map(({ Properties }) => Properties.TableInput)).toEqual(derived);
    },
  );

  test('have the columns in the order of the objects, and a new version appends', () => {
    const tables = tablesOf(eventTableOf(ORDER));
    const names = tables.get('raw_shop_order')!.Properties.TableInput.StorageDescriptor.Columns.map(({ Name }) => Name);
    expect(names.slice(0, 2)).toEqual(['_event_id', '_schema_version']);
    expect(names.slice(-2)).toEqual(['id', 'total']);
  });

  test('find their partitions without anybody registering them', () => {
    const { Parameters } = tablesOf(eventTableOf(ORDER)).get('raw_shop_order')!.Properties.TableInput;
    expect(Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.dt.type': 'date',
      'projection.hour.digits': '2',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena fills these placeholders in.
      'storage.location.template': 's3://events-bucket/events/shop.order/dt=${dt}/hour=${hour}/',
    });
  });

  test('hold views that decode back to their SQL, of the database that they are in', () => {
    const tables = tablesOf(eventTableOf(ORDER));
    for (const [name, from] of [
      ['all_shop_order', '"raw_shop_order"'],
      ['shop_order', '"all_shop_order"'],
    ] as const) {
      const { DatabaseName, TableInput } = tables.get(name)!.Properties;
      const { originalSql, schema } = viewDefinition(
        (TableInput as unknown as { ViewOriginalText: string }).ViewOriginalText,
      );
      expect(originalSql).toContain(`FROM ${from}`);
      expect([DatabaseName, schema]).toEqual([DATABASE, DATABASE]);
    }
  });

  test('come before the views upon them', () => {
    const template = eventTableOf(ORDER);
    const ids = Object.keys(template.findResources('AWS::Glue::Table'));
    const dependencies = [...tablesOf(template).values()].map(({ DependsOn }) => DependsOn);
    expect(dependencies).toEqual([undefined, [ids[0]], [ids[1]]]);
  });

  test('are the same whatever other event types there are', () => {
    const alone = eventTableOf(ORDER).toJSON();
    const other = historyOfFields('shop.refund', [[{ name: 'id', type: 'string' }]]);
    const app = new App();
    const stacks = [ORDER, other].map((history, index) => {
      const stack = new Stack(app, index === 0 ? 'Test' : 'Other');
      const bucket = { bucketName: 'events-bucket' };
      new EventTable(stack, 'EventTable', { history, database: DATABASE, bucket });
      return stack;
    });
    expect(Template.fromStack(stacks[0]!).toJSON()).toEqual(alone);
  });

  test('follow a bucket that only a deployment names', () => {
    const template = stackOf((stack) => {
      const bucket = new Bucket(stack, 'Made');
      new EventTable(stack, 'EventTable', { history: ORDER, database: DATABASE, bucket });
    });
    template.hasResourceProperties('AWS::Glue::Table', {
      TableInput: Match.objectLike({
        Name: 'raw_shop_order',
        StorageDescriptor: Match.objectLike({
          Location: { 'Fn::Join': ['', ['s3://', { Ref: Match.anyValue() }, '/events/shop.order/']] },
        }),
      }),
    });
  });

  test('need a database whose name is known', () => {
    const make = () =>
      stackOf((stack, bucket) => {
        const database = new CfnParameter(stack, 'Database').valueAsString;
        new EventTable(stack, 'EventTable', { history: ORDER, database, bucket });
      });
    expect(make).toThrow(expect.objectContaining({ code: 'SLUICE_CONFIGURATION' }));
  });
});

test('the tables of failed events are what is derived, to the letter, and name no event type', () => {
  const template = stackOf((stack, bucket) => new FailedEventsTable(stack, 'Failed', { database: DATABASE, bucket }));
  const { all, deduplicated } = failedEventsAthenaViews({ database: DATABASE });
  const derived = [failedEventsTable({ bucketUri: 's3://events-bucket' }), all, deduplicated];
  expect([...tablesOf(template).values()].map(({ Properties }) => Properties.TableInput)).toEqual(derived);
});

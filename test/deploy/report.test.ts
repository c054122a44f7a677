import { describe, expect, test } from 'vitest';
import { deployReport } from '../../src/deploy/report.ts';
import { parseTemplate, type StackTree } from '../../src/deploy/template.ts';
import { schemaHistory, schemaVersion } from '../../src/schema/history.ts';
import { historyOfFields } from '../support/histories.ts';
import { parentTemplate, type TestTemplate, typeTemplate } from './templates.ts';

const FIRST = [
  { name: 'id', type: 'string' },
  { name: 'total', type: 'int' },
];
const SECOND = [...FIRST, { name: 'note', type: 'string', default: '' }];
const ORDER = historyOfFields('shop.order', [FIRST], { partitions: 4 });
const ORDER_2 = schemaHistory('shop.order', [
  ...ORDER.versions,
  schemaVersion('shop.order', 2, { type: 'record', name: 'Event', sluice: { partitions: 6 }, fields: SECOND }),
]);
const VISIT = historyOfFields('shop.visit', [FIRST]);

/** A deployment of two event types, as a test would have it. */
interface Pipeline {
  parent: TestTemplate;
  order: TestTemplate;
  visit: TestTemplate;
}

function pipeline(): Pipeline {
  return { parent: parentTemplate(['Order', 'Visit']), order: typeTemplate(ORDER), visit: typeTemplate(VISIT) };
}

function treeOf({ parent, order, visit }: Pipeline): StackTree {
  const tree = (name: string, template: TestTemplate, nested: Record<string, StackTree> = {}): StackTree => {
    return { name, template: parseTemplate(JSON.stringify(template))!, nested };
  };
  const nested: Record<string, StackTree> = {};
  if ('Order' in parent.Resources) nested.Order = tree('Order', order);
  if ('Visit' in parent.Resources) nested.Visit = tree('Visit', visit);
  return tree('sluice-dev', parent, nested);
}

/** What a deployment would do after a change. */
function deployed(change: (next: Pipeline) => void, allowed: readonly string[] = []) {
  const next = pipeline();
  change(next);
  return deployReport([{ before: treeOf(pipeline()), after: treeOf(next) }], allowed);
}

describe('a deployment', () => {
  test('of what is there already changes nothing', () => {
    expect(deployed(() => {})).toEqual({ types: [], ok: true });
  });

  test('of a first pipeline creates everything, and risks nothing', () => {
    const { types, ok } = deployReport([{ before: undefined, after: treeOf(pipeline()) }]);
    expect(ok).toBe(true);
    expect(types.map(({ eventType, counts, risks }) => [eventType, counts.created, risks.length])).toEqual([
      ['shared', 4, 0],
      ['shop.order', 6, 0],
      ['shop.visit', 6, 0],
    ]);
  });

  test('of a new version that appends a column, and of more partitions, is told for its event type alone', () => {
    const { types, ok } = deployed((next) => {
      next.order = typeTemplate(ORDER_2);
      next.parent.Resources.Order!.Properties.TemplateURL = 'https://s3/another';
    });
    expect(ok).toBe(true);
    expect(types).toMatchObject([
      { eventType: 'shop.order', counts: { created: 0, changed: 3, replaced: 0, removed: 0 }, risks: [] },
    ]);
  });

  test('of functions, memory and buffers risks nothing', () => {
    const { types, ok } = deployed((next) => {
      next.parent.Resources.Provider!.Properties.MemorySize = 1024;
      next.order.Resources.Stream!.Properties.ExtendedS3DestinationConfiguration.BufferingHints.SizeInMBs = 128;
      next.order.Resources.Queue!.Properties.VisibilityTimeout = 60;
    });
    expect(ok).toBe(true);
    expect(types.map(({ eventType, counts }) => [eventType, counts.changed])).toEqual([
      ['shared', 1],
      ['shop.order', 2],
    ]);
  });
});

/** Changes that would lose data: whose, what is said, and the change. */
const LOSSES: readonly (readonly [string, RegExp, (next: Pipeline) => void])[] = [
  ['shared', /Bucket: replaced \(by BucketName\)/, (n) => set(n.parent, 'Bucket', 'BucketName', 'events-2')],
  ['shared', /Bucket: removed, and it is kept, but out of reach/, (n) => delete n.parent.Resources.Bucket],
  ['shared', /Cluster: replaced \(by VpcConfigs\)/, (n) => set(n.parent, 'Cluster', 'VpcConfigs', [{}, {}])],
  ['shared', /Registry: replaced \(by Name\)/, (n) => set(n.parent, 'Registry', 'Name', 'other')],
  [
    'shared',
    /objects below events\/ expire after 30 days, and never did/,
    (n) => set(n.parent, 'Bucket', 'LifecycleConfiguration', { Rules: [{ Status: 'Enabled', ExpirationInDays: 30 }] }),
  ],
  [
    'shop.order',
    /Queue: replaced \(by QueueName\), and it is deleted: messages/,
    (n) => set(n.order, 'Queue', 'QueueName', 'q'),
  ],
  ['shop.order', /Queue: removed, and it is deleted: messages/, (n) => delete n.order.Resources.Queue],
  [
    'shop.order',
    /messages are kept 60 s instead of 1209600 s/,
    (n) => set(n.order, 'Queue', 'MessageRetentionPeriod', 60),
  ],
  [
    'shop.order',
    /Stream: replaced \(by DeliveryStreamName\)/,
    (n) => set(n.order, 'Stream', 'DeliveryStreamName', 's'),
  ],
  ['shop.order', /Stream: removed/, (n) => delete n.order.Resources.Stream],
  [
    'shop.order',
    /topic is "shop.sale" and was "shop.order"/,
    (n) => {
      contract(n).Topic.name = 'shop.sale';
    },
  ],
  [
    'shop.order',
    /has 4 partitions and is to have 3/,
    (n) => {
      contract(n).Topic.partitions = 3;
    },
  ],
  [
    'shop.order',
    /kept 1000 ms instead of 604800000 ms/,
    (n) => {
      contract(n).Topic.config['retention.ms'] = '1000';
    },
  ],
  [
    'shop.order',
    /registry is another one/,
    (n) => {
      contract(n).RegistryName = 'other';
    },
  ],
  [
    'shop.order',
    /version 1 of the schema is gone/,
    (n) => {
      contract(n).Versions = [];
    },
  ],
  [
    'shop.order',
    /version 1 of the schema is changed/,
    (n) => {
      contract(n).Versions = [contract(n).Versions[0].replace('"int"', '"long"')];
    },
  ],
  [
    'shop.order',
    /its location changes/,
    (n) => {
      storage(n).Location = 's3://other/events/shop.order/';
    },
  ],
  [
    'shop.order',
    /storage.location.template changes/,
    (n) => {
      tableInput(n).Parameters['storage.location.template'] = 's3://other/';
    },
  ],
  [
    'shop.order',
    /the way it is read changes/,
    (n) => {
      storage(n).SerdeInfo.Parameters['field.delim'] = ';';
    },
  ],
  [
    'shop.order',
    /projection.dt.range begins at 2025-01-01, not 2024-01-01/,
    (n) => {
      tableInput(n).Parameters['projection.dt.range'] = '2025-01-01,NOW';
    },
  ],
  ['shop.order', /column "total" at position 7 is gone/, (n) => storage(n).Columns.splice(7, 1)],
  [
    'shop.order',
    /column "id" moves from position 6 to 7/,
    (n) => storage(n).Columns.splice(6, 0, { Name: 'x', Type: 'int' }),
  ],
  [
    'shop.order',
    /column "total" is smallint and was int/,
    (n) => {
      storage(n).Columns[7].Type = 'smallint';
    },
  ],
  [
    'shop.order',
    /begins at the end of the topic/,
    (n) => {
      set(n.order, 'Mapping', 'StartingPosition', 'LATEST');
      set(n.order, 'Mapping', 'EventSourceArn', 'another');
    },
  ],
  ['shop.order', /the event type goes: nobody reads the topic "shop.order"/, (n) => delete n.parent.Resources.Order],
];

describe('a deployment that would lose data', () => {
  test.for(LOSSES)('of %s is refused: %s', ([owner, said, change]) => {
    const report = deployed(change);
    expect(report.ok).toBe(false);
    const risky = report.types.filter(({ risks }) => risks.length > 0);
    const told = risky.find(({ eventType }) => eventType === owner)!.risks.map(({ path, loss }) => `${path}: ${loss}`);
    expect(told.join('\n')).toMatch(said);
    expect(risky.every(({ risks }) => risks.every(({ way }) => way.length > 0))).toBe(true);
  });

  test.for(LOSSES)('of %s goes where the data of those that lose it may go, and only then: %s', ([, , change]) => {
    const risky = deployed(change)
      .types.filter(({ risks }) => risks.length > 0)
      .map(({ eventType }) => eventType);
    expect(deployed(change, risky).ok).toBe(true);
    for (const one of risky) {
      const others = risky.filter((name) => name !== one);
      expect(deployed(change, others).ok).toBe(false);
    }
  });

  test('in one event type leaves the others out', () => {
    const { types } = deployed((next) => set(next.order, 'Queue', 'QueueName', 'q'));
    expect(types.map(({ eventType }) => eventType)).toEqual(['shop.order']);
  });

  test('is told of what names a resource that is replaced, across stacks', () => {
    const { types } = deployed((next) => {
      set(next.parent, 'Cluster', 'ClusterName', 'other');
      set(next.order, 'Mapping', 'StartingPosition', 'LATEST');
    });
    const order = types.find(({ eventType }) => eventType === 'shop.order')!;
    expect(order.changes).toMatchObject([
      { path: 'sluice-dev/shop.order/Mapping', action: 'replaced', properties: ['StartingPosition', 'EventSourceArn'] },
    ]);
  });

  test('by a permission that nobody needs is refused: it would hide the next loss', () => {
    expect(() => deployed((next) => set(next.order, 'Queue', 'QueueName', 'q'), ['shop.order', 'shop.visit'])).toThrow(
      expect.objectContaining({ code: 'SLUICE_USAGE', message: expect.stringContaining('only shop.order') }),
    );
  });
});

describe('no data is lost by', () => {
  test.for<readonly [string, (next: Pipeline) => void]>([
    [
      'a wider column',
      (n) => {
        storage(n).Columns[7].Type = 'bigint';
      },
    ],
    ['objects that are kept longer', (n) => set(n.order, 'Queue', 'MessageRetentionPeriod', 1_209_601)],
    [
      'results of queries that expire',
      (n) =>
        set(n.parent, 'Bucket', 'LifecycleConfiguration', {
          Rules: [{ Status: 'Enabled', Prefix: 'query-results/', ExpirationInDays: 7 }],
        }),
    ],
    [
      'the same schema in another spelling',
      (n) => {
        const [text] = contract(n).Versions;
        contract(n).Versions = [JSON.stringify(JSON.parse(text), null, 2)];
      },
    ],
    ['another mapping that begins at the start', (n) => set(n.order, 'Mapping', 'EventSourceArn', 'another')],
  ])('%s', ([, change]) => {
    expect(deployed(change).ok).toBe(true);
  });
});

function set(template: TestTemplate, id: string, property: string, value: unknown): void {
  template.Resources[id]!.Properties[property] = value;
}
const contract = (next: Pipeline) => next.order.Resources.Contract!.Properties;
const tableInput = (next: Pipeline) => next.order.Resources.Table!.Properties.TableInput;
const storage = (next: Pipeline) => tableInput(next).StorageDescriptor;

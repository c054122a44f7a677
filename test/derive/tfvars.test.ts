import { describe, expect, test } from 'vitest';
import { deriveAthenaViews } from '../../src/derive/athena-views.ts';
import { deriveLayout } from '../../src/derive/layout.ts';
import { deriveModel } from '../../src/derive/model.ts';
import { deriveTable } from '../../src/derive/table.ts';
import { deriveTfvars } from '../../src/derive/tfvars.ts';
import { HISTORIES } from '../support/schemas.ts';

const { sluice_event_types: types } = deriveTfvars(HISTORIES, { database: 'sluice_dev' });

/**
 * The type that Terraform gives a JSON value of a variables file. Source: HCL's JSON syntax specification, "Expressions";
 * texts are taken literally there, since such a file is evaluated without a context.
 */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${[...new Set(value.map(typeOf))].join('|')}]`;
  if (typeof value !== 'object') return typeof value;
  return `{${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => `${key}:${typeOf(inner)}`)
    .join()}}`;
}

/** The type of what is a map of texts, whose keys are nobody's concern. */
function shapeOf(eventType: (typeof types)[string]): string {
  const maps = (value: unknown, key = ''): unknown => {
    if (key === 'config' || key === 'parameters') {
      expect(Object.values(value as object).every((text) => typeof text === 'string')).toBe(true);
      return 'map(string)';
    }
    if (Array.isArray(value)) return value.map((item) => maps(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maps(inner, name)]));
  };
  return typeOf(maps(eventType));
}

test('the file is an object of variables, whose names Terraform takes', () => {
  const text = JSON.stringify(deriveTfvars(HISTORIES, { database: 'sluice_dev' }));
  const names = Object.keys(JSON.parse(text) as object);
  expect(names).toEqual(['sluice_event_types']);
  for (const name of names) expect(name).toMatch(/^[A-Za-z_][\w-]*$/);
  expect(Object.keys(types)).toEqual(HISTORIES.map(({ eventType }) => eventType));
});

test('all event types are of one type, lists too, so that a map of objects can hold them', () => {
  const shapes = new Set(Object.values(types).map(shapeOf));
  expect(shapes.size).toBe(1);
  expect([...shapes][0]).not.toMatch(/\||null/);
});

describe.each(HISTORIES.map((history) => [history.eventType, history] as const))('%s', (eventType, history) => {
  const derived = types[eventType]!;

  test('has the model, the versions and the contract of its schemas', () => {
    expect(JSON.parse(derived.model.schema)).toEqual(JSON.parse(JSON.stringify(deriveModel(history))));
    expect(derived.model.name).toMatch(/^[A-Za-z0-9]+$/);
    expect(derived.subject.versions).toHaveLength(history.versions.length);
    expect(derived.contract).toBe(history.digest);
  });

  test('makes, with a bucket, the very table that is derived', () => {
    const { table } = derived;
    const expected = deriveTable(deriveLayout(history), { bucketUri: 's3://my-bucket' });
    const column = ({ name, type, comment }: (typeof table.columns)[number]) => {
      return { Name: name, Type: type, ...(comment !== '' && { Comment: comment }) };
    };
    expect({
      Name: table.name,
      Description: table.description,
      TableType: 'EXTERNAL_TABLE',
      Parameters: { ...table.parameters, 'storage.location.template': `s3://my-bucket/${table.location_template}` },
      PartitionKeys: table.partition_keys.map(column),
      StorageDescriptor: {
        Columns: table.columns.map(column),
        Location: `s3://my-bucket/${table.location}`,
        InputFormat: table.input_format,
        OutputFormat: table.output_format,
        SerdeInfo: { SerializationLibrary: table.serde.library, Parameters: table.serde.parameters },
      },
    }).toEqual(expected);
  });

  test('has the views upon it', () => {
    const views = deriveAthenaViews(deriveLayout(history), { database: 'sluice_dev' });
    expect(derived.views.deduplicated.original_text).toBe(views.deduplicated.ViewOriginalText);
    expect(derived.views.all_rows.name).toBe(views.all.Name);
  });
});

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { historyOfFields } from '../support/histories.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { resourcesOf, synthesise } from './synthesise.ts';

const FIELDS = [
  { name: 'id', type: 'string' },
  { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
  { name: 'size', type: ['null', 'double'], default: null },
  { name: 'tags', type: { type: 'array', items: 'string' }, default: [] },
];

/** Event types of one or two versions; their names have no letter but these, so that names of the same start are met. */
const histories = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[ab]{1,3}\.[ab]{1,3}$/),
      fields: fc.integer({ min: 1, max: FIELDS.length - 1 }),
      grows: fc.boolean(),
    }),
    { selector: ({ name }) => name, minLength: 2, maxLength: 4 },
  )
  .map((types) =>
    types.map(({ name, fields, grows }) => {
      const first = FIELDS.slice(0, fields);
      return historyOfFields(name, grows ? [first, FIELDS.slice(0, fields + 1)] : [first]);
    }),
  );

describe('the stack of an event type', () => {
  test('stays the same byte for byte while another is added, changed or removed', () => {
    fc.assert(
      fc.property(histories, fc.nat(), (types, choice) => {
        const chosen = types[choice % types.length]!;
        const others = types.filter((type) => type !== chosen);
        const changed = historyOfFields(chosen.eventType, [[{ name: 'other', type: 'int' }]]);
        const all = synthesise(temporaryFolder(), types).types;
        const without = synthesise(temporaryFolder(), others).types;
        const differing = synthesise(temporaryFolder(), [changed, ...others]).types;
        expect(differing.get(chosen.eventType)).not.toBe(all.get(chosen.eventType));
        for (const { eventType } of others) {
          expect(without.get(eventType)).toBe(all.get(eventType));
          expect(differing.get(eventType)).toBe(all.get(eventType));
        }
      }),
      { numRuns: 5 },
    );
  });

  test('changes where a field is added in what the field is in, and in nothing else', () => {
    const [first, second] = [FIELDS.slice(0, 2), FIELDS.slice(0, 3)];
    const before = historyOfFields('shop.order', [first]);
    const after = historyOfFields('shop.order', [first, second]);
    expect(changedResources(before, after)).toEqual([
      'AWS::ApiGateway::Model Model',
      'AWS::Glue::Table AllRowsView',
      'AWS::Glue::Table Table',
      'AWS::Glue::Table View',
      'AWS::Lambda::Function accept',
      'AWS::Lambda::Function consume',
      'AWS::Lambda::Function produce',
      'AWS::Lambda::Function transform',
      'Custom::SluiceContract Contract',
    ]);
  });

  test('tells its functions another contract where a field is added, and nothing else', () => {
    const [first, second] = [FIELDS.slice(0, 2), FIELDS.slice(0, 3)];
    const before = historyOfFields('shop.order', [first]);
    const after = historyOfFields('shop.order', [first, second]);
    const functions = [before, after].map((history) => functionsOf(history).replaceAll(history.digest, 'DIGEST'));
    expect(functions[1]).toBe(functions[0]);
  });

  test('has its API deployed anew where its model changes, and only then', () => {
    const [first, second] = [FIELDS.slice(0, 2), FIELDS.slice(0, 3)];
    const deployments = [[first], [first], [first, second]].map((versions) => {
      const { pipeline } = synthesise(temporaryFolder(), [historyOfFields('shop.order', versions)]);
      return Object.entries(resourcesOf(pipeline)).find(([, { Type }]) => Type === 'AWS::ApiGateway::Deployment')![0];
    });
    expect(deployments[1]).toBe(deployments[0]);
    expect(deployments[2]).not.toBe(deployments[0]);
  });
});

function templateOf(history: SchemaHistory): string {
  return synthesise(temporaryFolder(), [history]).types.get(history.eventType)!;
}

function functionsOf(history: SchemaHistory): string {
  const resources = Object.entries(resourcesOf(templateOf(history)));
  return JSON.stringify(resources.filter(([, { Type }]) => Type === 'AWS::Lambda::Function'));
}

/** Type and name of each resource that differs, in order. */
function changedResources(before: SchemaHistory, after: SchemaHistory): string[] {
  const [old, now] = [resourcesOf(templateOf(before)), resourcesOf(templateOf(after))];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((id) => JSON.stringify(old[id]) !== JSON.stringify(now[id]))
    .map((id) => `${(now[id] ?? old[id])!.Type} ${nameOf(id)}`)
    .sort();
}

/** A logical id is the path of a construct, and a hash of eight digits. */
function nameOf(id: string): string {
  return id
    .replace(/[0-9A-F]{8}$/, '')
    .replace(/^(Table|Api)(?=.)/, '')
    .replace(/Function$/, '');
}

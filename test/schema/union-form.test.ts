import { expect, test } from 'vitest';
import { parseSchema, type UnionNode } from '../../src/schema/ast.ts';
import { shapeOf, shapesOf, unionForm } from '../../src/schema/union-form.ts';

const nodeOf = (type: unknown) =>
  parseSchema({ type: 'record', name: 'R', fields: [{ name: 'v', type }] }).fields[0]!.node;

const r = (name: string) => ({ type: 'record', name, fields: [] });
const enumeration = { type: 'enum', name: 'E', symbols: ['a'] };
const array = { type: 'array', items: 'int' };
const map = { type: 'map', values: 'int' };
const date = { type: 'int', logicalType: 'date' };
const timestamp = { type: 'long', logicalType: 'timestamp-millis' };

test.each([
  [['null', 'int'], 'plain'],
  [['null', 'long'], 'plain'],
  [['null', timestamp], 'plain'],
  [['string'], 'plain'],
  [['null', 'boolean', 'int', 'string', array, map], 'plain'],
  [['int', enumeration], 'plain'],
  [['boolean', r('A')], 'plain'],
  [['int', 'long'], 'tagged'],
  [['long', 'string'], 'tagged'],
  [['double', 'string'], 'tagged'],
  [['int', timestamp], 'tagged'],
  [[date, 'string'], 'tagged'],
  [[date, 'long'], 'tagged'],
  [['string', 'bytes'], 'tagged'],
  [['string', enumeration], 'tagged'],
  [['null', r('A'), r('B')], 'tagged'],
  [[map, r('A')], 'tagged'],
])('%j is %s', (type, form) => {
  expect(unionForm(nodeOf(type) as UnionNode)).toBe(form);
});

test.each([
  ['int', ['number']],
  ['long', ['number', 'string']],
  ['float', ['number', 'string']],
  ['double', ['number', 'string']],
  [date, ['string']],
  [{ type: 'int', logicalType: 'time-millis' }, ['string']],
  [{ type: 'long', logicalType: 'time-micros' }, ['string']],
  [timestamp, ['number', 'string']],
  [{ type: 'bytes', logicalType: 'decimal', precision: 4 }, ['string']],
  [{ type: 'fixed', name: 'F', size: 2 }, ['string']],
  ['bytes', ['string']],
  [map, ['object']],
  [
    ['null', 'long', 'boolean'],
    ['null', 'number', 'string', 'boolean'],
  ],
])('values of %j are written as %j', (type, shapes) => {
  expect(shapesOf(nodeOf(type))).toEqual(shapes);
});

test('every JSON value has one shape', () => {
  expect([null, true, -0, '', [], {}].map(shapeOf)).toEqual(['null', 'boolean', 'number', 'string', 'array', 'object']);
});

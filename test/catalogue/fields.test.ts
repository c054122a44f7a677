import { describe, expect, it } from 'vitest';
import { catalogueFields } from '../../src/catalogue/fields.ts';
import { historyOfFields } from '../support/histories.ts';

const record = (name: string, ...fields: unknown[]) => ({ type: 'record', name, fields });
const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const fieldsOf = (...versions: readonly (readonly unknown[])[]) => catalogueFields(historyOfFields('a', versions));

describe('the fields of a catalogue', () => {
  it('are called as refusals call them, wherever they stand', () => {
    const card = record('acme.Card', field('number', 'string'));
    const cash = record('acme.Cash', field('till', 'int'));
    const fields = fieldsOf([
      field('flat', record('Flat', field('deep', record('Deep', field('x', 'int'))))),
      field('list', { type: 'array', items: { type: 'map', values: record('Item', field('sku', 'string')) } }),
      field('maybe', ['null', record('Maybe', field('y', 'int'))]),
      field('paid_by', [card, cash]),
    ]);
    expect(fields.map(({ path, column }) => [path, column?.name])).toEqual([
      ['$.flat', undefined],
      ['$.flat.deep', undefined],
      ['$.flat.deep.x', 'flat_deep_x'],
      ['$.list', 'list'],
      ['$.list[]{}.sku', 'list'],
      ['$.maybe', 'maybe'],
      ['$.maybe.y', 'maybe'],
      ['$.paid_by', 'paid_by'],
      ["$.paid_by['acme.Card'].number", 'paid_by'],
      ["$.paid_by['acme.Cash'].till", 'paid_by'],
    ]);
  });

  it('of a record in many places are listed where they make columns, else once, with the place named', () => {
    const place = record('Place', field('name', 'string'));
    const tree = record('Tree', field('children', { type: 'array', items: 'Tree' }));
    const fields = fieldsOf([
      field('from', place),
      field('to', 'Place'),
      field('via', { type: 'array', items: 'Place' }),
      field('tree', tree),
    ]);
    expect(fields.map(({ path, fieldsAt }) => [path, fieldsAt])).toEqual([
      ['$.from', undefined],
      ['$.from.name', undefined],
      ['$.to', undefined],
      ['$.to.name', undefined],
      ['$.via', '$.from'],
      ['$.tree', undefined],
      ['$.tree.children', '$.tree'],
    ]);
  });

  it('know the version that had them first: through new names, gaps, and as they became optional', () => {
    const item = (...more: unknown[]) => record('Item', field('sku', 'string'), ...more);
    const fields = fieldsOf(
      [field('id', 'string'), field('sum', 'int'), field('gone', 'int', { default: 0 }), field('item', item())],
      [field('id', 'string'), field('amount', 'int', { aliases: ['sum'] }), field('item', item())],
      [
        field('id', 'string'),
        field('total', 'int', { aliases: ['amount'] }),
        field('gone', 'int', { default: 0 }),
        field('item', ['null', item(field('count', 'int', { default: 1 }))]),
        field('fresh', 'int', { default: 0 }),
      ],
    );
    expect(Object.fromEntries(fields.map(({ path, since }) => [path, since]))).toEqual({
      '$.id': 1,
      '$.total': 1,
      '$.gone': 1,
      '$.item': 1,
      '$.item.sku': 1,
      '$.item.count': 3,
      '$.fresh': 3,
    });
  });

  it('know it for each branch of a union by itself', () => {
    const paid = (name: string, ...fields: unknown[]) => record(name, ...fields);
    const more = field('since', 'int', { default: 0 });
    const fields = fieldsOf(
      [field('by', [paid('Card', field('no', 'int')), paid('Cash', field('no', 'int'), more)])],
      [field('by', [paid('Card', field('no', 'int'), more), paid('Cash', field('no', 'int'), more)])],
    );
    expect(fields.map(({ path, since }) => [path, since])).toEqual([
      ['$.by', 1],
      ['$.by.Card.no', 1],
      ['$.by.Card.since', 2],
      ['$.by.Cash.no', 1],
      ['$.by.Cash.since', 1],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { differencesBetween } from '../../src/compatibility/drift.ts';
import type { SchemaFile } from '../../src/compatibility/rule.ts';

const order = (more: object = {}, ...fields: readonly object[]) => ({
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  ...more,
  fields: [{ name: 'id', type: 'string' }, ...fields],
});
const note = { name: 'note', type: ['null', 'string'], default: null };

const between = (git: readonly unknown[], registry: readonly unknown[]) => {
  const filesOf = (versions: readonly unknown[]) => ({
    eventType: 'shop.order',
    versions: versions.flatMap((definition, index): SchemaFile[] => {
      if (definition === undefined) return [];
      const version = index + 1;
      return [typeof definition === 'string' ? { version, unreadable: definition } : { version, definition }];
    }),
  });
  return differencesBetween(filesOf(git), filesOf(registry)).map(({ eventType: _, ...rest }) => rest);
};
const none = { changes: [], reason: undefined };

describe('git and a registry', () => {
  it('agree on a text however it is written, and whatever has superseded it since', () => {
    expect(between([order()], [{ ...order(), name: 'shop.Order', namespace: undefined }])).toEqual([]);
    expect(between([order({ sluice: { key: 'id', supersededBy: 2 } })], [order({ sluice: { key: 'id' } })])).toEqual(
      [],
    );
    expect(between([], [])).toEqual([]);
  });

  it('may have versions that the other has not', () => {
    expect(between([order(), order({}, note)], [order()])).toEqual([{ version: 2, kind: 'only-in-git', ...none }]);
    expect(between([undefined, order({}, note)], [order(), undefined, order()])).toEqual([
      { version: 1, kind: 'only-in-registry', ...none },
      { version: 2, kind: 'only-in-git', ...none },
      { version: 3, kind: 'only-in-registry', ...none },
    ]);
  });

  it('may have different texts: what git has changed is named', () => {
    const git = order({ sluice: { key: 'id', supersededBy: 2 } }, note);
    expect(between([git], [order({ sluice: { partitions: 2 } }, { ...note, name: 'remark' })])).toEqual([
      {
        version: 1,
        kind: 'different-text',
        reason: undefined,
        changes: [
          { change: 'setting', path: '$ sluice.partitions', before: '2', after: null },
          { change: 'setting', path: '$ sluice.key', before: null, after: '"id"' },
          { change: 'added', path: '$.note', before: null, after: '[null, string]' },
          { change: 'removed', path: '$.remark', before: '[null, string]', after: null },
        ],
      },
    ]);
    const aliased = { ...note, aliases: ['remark'] };
    expect(between([order({}, aliased)], [order({}, note)])).toEqual([{ version: 1, kind: 'different-text', ...none }]);
    expect(between([order({}, note)], [{ type: 'recordd' }])).toEqual([
      { version: 1, kind: 'different-text', ...none },
    ]);
  });

  it('may have what nobody can read', () => {
    expect(between([order(), 'no JSON', 'no JSON'], ['deleted', order(), 'deleted'])).toEqual([
      { version: 1, kind: 'unreadable-in-registry', changes: [], reason: 'deleted' },
      { version: 2, kind: 'unreadable-in-git', changes: [], reason: 'no JSON' },
      { version: 3, kind: 'unreadable-in-registry', changes: [], reason: 'deleted' },
    ]);
  });
});

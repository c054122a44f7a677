import { describe, expect, it } from 'vitest';
import { admitVersions } from '../../src/compatibility/admit.ts';
import type { SchemaFile } from '../../src/compatibility/rule.ts';

const field = (name: string, type: unknown = 'int', rest: object = { default: 0 }) => ({ name, type, ...rest });
const record = (...fields: object[]) => ({ type: 'record', name: 'E', fields });
const X = field('x');

/** Versions 1, 2, 3 ... of the given definitions; a text is a file that cannot be read. */
function files(...definitions: (object | string)[]): SchemaFile[] {
  return definitions.map((definition, index) => ({
    version: index + 1,
    ids: { confluent: 100 + index },
    ...(typeof definition === 'string' ? { unreadable: definition } : { definition }),
  }));
}

function outcome(...registered: SchemaFile[]) {
  const { versions, refused } = admitVersions('a.b', registered);
  return { versions: versions.map(({ version }) => version), refused: refused.map(({ version }) => version) };
}

describe('what a registry has', () => {
  it('is a history with the ids that the registry gives', () => {
    const { versions, newest } = admitVersions('a.b', files(record(X), record(X, field('y'))));
    expect(versions.map(({ version, ids }) => [version, ids])).toEqual([
      [1, { confluent: 100 }],
      [2, { confluent: 101 }],
    ]);
    expect(newest.version).toBe(2);
  });

  it('goes on without a version that breaks a rule, and says which and where', () => {
    const { versions, refused } = admitVersions('a.b', files(record(X), record(X, field('y', 'int', {}))));
    expect(versions).toHaveLength(1);
    expect(refused).toEqual([
      {
        version: 2,
        ids: { confluent: 101 },
        root: expect.objectContaining({ kind: 'record' }),
        reason: expect.stringMatching(/^\$\.y: .*; .* \(WIRE_NEW_FIELD_HAS_DEFAULT\)$/),
      },
    ]);
  });

  it('takes a later version that keeps the rules beside those that were taken', () => {
    const [broken, right] = [record(X, field('y', 'int', {})), record(X, field('y'))];
    expect(outcome(...files(record(X), broken, right))).toEqual({ versions: [1, 3], refused: [2] });
    const other = record(field('x', 'string', { default: '' }));
    expect(outcome(...files(record(X), other, other, record(X, field('z'))))).toEqual({
      versions: [1, 4],
      refused: [2, 3],
    });
  });

  it.each([
    ['cannot be read', 'it is Protobuf'],
    ['is no record', { type: 'string' }],
    ['is no Avro', { type: 'record', name: 'E' }],
  ])('goes on without a version that %s', (_, definition) => {
    const { newest, refused } = admitVersions('a.b', files(record(X), definition));
    expect(newest.version).toBe(1);
    expect(refused[0]).toMatchObject({ version: 2, root: undefined });
  });

  it('takes nothing after a version that is missing, since columns stand where all versions before put them', () => {
    const [one, , three, four] = files(record(X), record(X), record(X, field('z')), record(X, field('z'), field('w')));
    const { versions, refused } = admitVersions('a.b', [one!, three!, four!]);
    expect(versions.map(({ version }) => version)).toEqual([1]);
    expect(refused.map(({ version, reason }) => [version, reason])).toEqual([
      [3, 'v2 is missing'],
      [4, 'v2 is missing'],
    ]);
  });

  it('is an error where no version can be used, which names the first and where it is', () => {
    const [file] = files({ type: 'string' });
    expect(() => admitVersions('a.b', [{ ...file!, source: 'somewhere/v1.avsc' }])).toThrow(
      expect.objectContaining({
        code: 'SLUICE_SCHEMA_INVALID',
        message: expect.stringMatching(/^a\.b v1: .*\(LINT_SCHEMA_VALID\), in somewhere\/v1\.avsc$/),
      }),
    );
    expect(() => admitVersions('a.b', [])).toThrow(/add v1\.avsc/);
  });
});

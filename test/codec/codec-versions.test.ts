import { describe, expect, it } from 'vitest';
import { compileCodec } from '../../src/codec/codec.ts';
import { readFrame } from '../../src/codec/framing.ts';
import { admitVersions } from '../../src/compatibility/admit.ts';
import type { SchemaHistory } from '../../src/schema/history.ts';
import { bodyOf } from '../support/schemas.ts';

const ID = { name: 'id', type: 'string' };
const record = (fields: readonly object[], sluice: object = {}) => ({ type: 'record', name: 'Event', sluice, fields });
const history = (...definitions: object[]): SchemaHistory =>
  admitVersions(
    'a.b',
    definitions.map((definition, index) => ({ version: index + 1, definition })),
  );

const COUNT = { name: 'count', type: 'int', default: 0 };
const TOTAL = { name: 'total', type: 'int', default: 0, aliases: ['count'] };
/** The second version has another name for what the first one calls a count. */
const RENAMED = history(record([ID, COUNT]), record([ID, TOTAL]));

/** The version that a body is encoded with, or the codes of its faults; and the cells that its row has then. */
function versionOf(of: SchemaHistory, body: object, stated?: number): unknown {
  const codec = compileCodec(of);
  const encoded = codec.encode(bodyOf(body), stated);
  if (!encoded.ok) return encoded.faults.map(({ code }) => code);
  const framed = { ids: { confluent: readFrame(encoded.value).id } };
  expect(of.versions.find(({ version }) => version === encoded.version)?.ids).toMatchObject(framed.ids);
  return encoded.version;
}

describe('the version of a body', () => {
  it('is the newest that takes it, where its writer states none', () => {
    expect(versionOf(RENAMED, { id: 'a', total: 1 })).toBe(2);
    expect(versionOf(RENAMED, { id: 'a' })).toBe(2);
    expect(versionOf(RENAMED, { id: 'a', count: 1 })).toBe(1);
  });

  it('is the stated one, which is the only one to judge it', () => {
    expect(versionOf(RENAMED, { id: 'a' }, 1)).toBe(1);
    expect(versionOf(RENAMED, { id: 'a', count: 1 }, 2)).toEqual(['SLUICE_FIELD_UNKNOWN']);
    expect(versionOf(RENAMED, { id: 'a', total: 1 }, 1)).toEqual(['SLUICE_FIELD_UNKNOWN']);
  });

  it('has the faults that the newest finds, where none takes it', () => {
    expect(compileCodec(RENAMED).encode(bodyOf({ id: 'a', total: 'x' }))).toMatchObject({
      ok: false,
      faults: [{ code: 'SLUICE_TYPE', path: '$.total' }],
    });
  });

  it('must be one that there is, and the fault says which there are', () => {
    expect(compileCodec(RENAMED).encode(bodyOf({ id: 'a' }), 7)).toMatchObject({
      ok: false,
      faults: [{ code: 'SLUICE_VERSION_UNKNOWN', path: '$', advice: expect.stringContaining('1, 2') }],
    });
  });

  it('is read back into the same column, whichever it was', () => {
    const codec = compileCodec(RENAMED);
    const values = [{ count: 1 }, { total: 2 }].map((fields, index) => {
      const encoded = codec.encode(bodyOf({ id: `e${index}`, ...fields }));
      if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
      const place = { ingestedAt: 0, partition: 0, offset: BigInt(index), replayId: null };
      return { value: encoded.value, eventId: `e${index}`, ...place };
    });
    const rows = codec.toRows(values).data.toString().trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row))).toMatchObject([
      { _schema_version: 1, count: 1 },
      { _schema_version: 2, count: 2 },
    ]);
  });
});

describe('an event that its version takes, and the newest cannot read', () => {
  const FIELDS = history(
    record([ID, { name: 'data', type: 'bytes' }, { name: 'note', type: 'string' }]),
    record([ID, { name: 'data', type: 'string' }, { name: 'note', type: 'string' }], {
      compatibility: 'NONE',
      compatibilityReason: 'Whoever sends bytes sends UTF-8',
    }),
  );

  // Only long bodies are measured as rows.
  it.for([0, 100_000])(
    'is taken whatever its size, and left unread by its reason: a note of %d characters',
    (length) => {
      const codec = compileCodec(FIELDS);
      const encoded = codec.encode(bodyOf({ id: 'a', data: 'gA==', note: 'x'.repeat(length) }), 1);
      if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
      const framed = { value: encoded.value, eventId: 'a', ingestedAt: 0, partition: 0, offset: 0n, replayId: null };
      expect(codec.toRows([framed])).toMatchObject({
        indexes: [],
        unread: [{ index: 0, code: 'SLUICE_AVRO_DATA', path: '$.data', reason: 'a string is not UTF-8', version: 1 }],
      });
    },
  );
});

describe('a version that another one superseded', () => {
  const wrong = record([ID, COUNT, { name: 'flag', type: 'boolean', default: false }]);
  const right = record([ID, COUNT, { name: 'flag', type: 'boolean', default: true, doc: 'right' }]);
  const superseded = (index: 2 | 3) =>
    index === 2
      ? history(record([ID]), { ...wrong, sluice: { supersededBy: 3 } }, right)
      : history(record([ID]), wrong, { ...right, sluice: { supersedes: [2] } });

  it.each([2, 3] as const)(
    'gives way although clients go on to state it, whichever of the two says so (v%i)',
    (says) => {
      const of = superseded(says);
      expect(versionOf(of, { id: 'a' }, 2)).toBe(3);
      expect(versionOf(of, { id: 'a' }, 1)).toBe(1);
      expect(versionOf(of, { id: 'a' })).toBe(3);
    },
  );

  it('is followed to the last one', () => {
    const of = history(
      { ...record([ID]), sluice: { supersededBy: 2 } },
      { ...record([ID, COUNT]), sluice: { supersededBy: 3 } },
      record([ID, COUNT, { name: 'x', type: 'int', default: 1 }]),
    );
    expect(versionOf(of, { id: 'a' }, 1)).toBe(3);
  });

  it('does not come back for a body that only it would take', () => {
    const of = history({ ...record([ID, COUNT]), sluice: { supersededBy: 2 } }, record([ID, TOTAL]));
    expect(versionOf(of, { id: 'a', count: 1 })).toEqual(['SLUICE_FIELD_UNKNOWN']);
  });

  it('keeps its id as it was before', () => {
    const { sluice: _, ...plain } = wrong;
    const before = history(record([ID]), plain, right);
    expect(superseded(2).versions.map(({ ids }) => ids)).toEqual(before.versions.map(({ ids }) => ids));
  });

  it('goes on where the other one is not there yet', () => {
    expect(versionOf(history({ ...record([ID]), sluice: { supersededBy: 2 } }), { id: 'a' }, 1)).toBe(1);
  });
});

describe('a version that breaks a rule', () => {
  const broken = record([ID, { name: 'count', type: 'int' }]);
  const frame = (of: SchemaHistory, definition: object) => {
    // Written by somebody who asks nobody.
    const alone = history(definition);
    const encoded = compileCodec(alone).encode(bodyOf({ id: 'a', count: 7 }));
    if (!encoded.ok) throw new Error(JSON.stringify(encoded.faults));
    return compileCodec(of).toRows([
      { value: encoded.value, eventId: 'a', ingestedAt: 0, partition: 0, offset: 0n, replayId: null },
    ]);
  };
  const ids = (definition: object) => history(definition).newest.ids;
  const admitted = (...definitions: object[]) =>
    admitVersions(
      'a.b',
      definitions.map((definition, index) => ({ version: index + 1, definition, ids: ids(definition) })),
    );

  it('is taken from nobody, and the fault says why', () => {
    expect(compileCodec(admitted(record([ID]), broken)).encode(bodyOf({ id: 'a', count: 1 }), 2)).toMatchObject({
      ok: false,
      faults: [{ code: 'SLUICE_VERSION_REFUSED', advice: expect.stringContaining('WIRE_NEW_FIELD_HAS_DEFAULT') }],
    });
  });

  it('leaves what was written with it unread, by its number, until a later version puts it right', () => {
    expect(frame(admitted(record([ID]), broken), broken).unread).toMatchObject([
      { code: 'SLUICE_VERSION_REFUSED', version: 2, reason: expect.stringContaining('WIRE_NEW_FIELD_HAS_DEFAULT') },
    ]);
    const { data, unread } = frame(admitted(record([ID]), broken, record([ID, COUNT])), broken);
    expect(unread).toEqual([]);
    expect(JSON.parse(data.toString())).toMatchObject({ _schema_version: 2, id: 'a', count: 7 });
  });
});

import { describe, expect, test } from 'vitest';
import { checkSchemas } from '../../src/compatibility/check.ts';
import type { Finding } from '../../src/compatibility/rule.ts';
import { filesOf } from '../support/schema-folders.ts';

type Json = Readonly<Record<string, unknown>>;

const record = (fields: readonly Json[], sluice: Json = {}) => ({
  type: 'record',
  name: 'Order',
  doc: 'An order',
  ...(Object.keys(sluice).length === 0 ? {} : { sluice }),
  fields: fields.map((field) => ({ doc: 'A field', ...field })),
});
const id = { name: 'id', type: 'string' };
const required = (name: string, type: unknown = 'int') => ({ name, type });
const optional = (name: string) => ({ name, type: 'int', default: 0 });

const findingsOf = (versions: readonly unknown[], published: readonly unknown[] = []): readonly Finding[] =>
  checkSchemas([filesOf('acme.order', versions)], published.length === 0 ? [] : [filesOf('acme.order', published)])
    .findings;
const wire = (findings: readonly Finding[]) => findings.filter(({ surface }) => surface === 'WIRE');

describe('the check', () => {
  test('judges a version beside all earlier ones, and tells what is found beside several of them once', () => {
    const found = wire(
      findingsOf([record([id]), record([id, optional('a')]), record([id, optional('a'), required('b')])]),
    );
    expect(found).toMatchObject([{ rule: 'WIRE_NEW_FIELD_HAS_DEFAULT', version: 3, against: [1, 2], path: '$.b' }]);
  });

  test('finds what only an old version is hurt by', () => {
    const found = wire(findingsOf([record([id]), record([id, optional('a')]), record([id, required('a')])]));
    expect(found).toMatchObject([{ rule: 'WIRE_NEW_FIELD_HAS_DEFAULT', version: 3, against: [1], path: '$.a' }]);
  });

  test('looks at the versions that can be read where others cannot', () => {
    const findings = findingsOf([record([id]), { type: 'nonsense' }, record([id, required('a')])]);
    expect(findings.map(({ rule, version }) => [rule, version])).toEqual([
      ['LINT_SCHEMA_VALID', 2],
      ['WIRE_NEW_FIELD_HAS_DEFAULT', 3],
      ['API_FIELD_OPTIONAL', 3],
    ]);
  });

  test('judges what lint says of the newest version only', () => {
    const undocumented = { ...record([id]), doc: undefined };
    expect(findingsOf([undocumented, record([id, optional('a')])])).toEqual([]);
    expect(
      findingsOf([record([id, optional('a')]), { ...undocumented, name: 'Order' }]).map(({ rule }) => rule),
    ).toContain('LINT_DOCS_PRESENT');
  });

  test('holds the newest version to a published one that was replaced, since its events are still there', () => {
    const found = findingsOf([record([id]), record([id, optional('a')])], [record([id, required('a', 'string')])]);
    const rules = found.map(({ rule, version, against }) => [rule, version, against]);
    expect(rules).toContainEqual(['REPLAY_PUBLISHED_SAME', 1, []]);
    expect(rules).toContainEqual(['WIRE_TYPE_PROMOTABLE', 2, [1]]);
  });

  test('of an event type that was published and is gone finds every version missing', () => {
    const { findings, judged } = checkSchemas([], [filesOf('acme.order', [record([id]), record([id, optional('a')])])]);
    expect(findings.map(({ rule, version }) => [rule, version])).toEqual([
      ['REPLAY_PUBLISHED_KEPT', 1],
      ['REPLAY_PUBLISHED_KEPT', 2],
    ]);
    expect(judged).toEqual([{ eventType: 'acme.order', versions: [], compatibility: undefined }]);
  });

  test('tells errors before warnings', () => {
    const severities = findingsOf([
      { ...record([id]), doc: '' },
      { ...record([id, required('a')]), doc: '' },
    ]).map(({ severity }) => severity);
    expect(severities).toEqual([...severities].sort());
    expect(new Set(severities).size).toBe(2);
  });
});

describe('a column', () => {
  const queries = (before: unknown, after: unknown) =>
    findingsOf([before, after]).flatMap(({ rule, path }) => (rule.startsWith('QUERY') ? [`${rule} ${path}`] : []));
  const place = (fields: readonly Json[]) => ({
    type: 'record',
    name: 'Place',
    fields: fields.map((field) => ({ doc: 'A part', ...field })),
  });

  test('stays with a field that is renamed by an alias', () => {
    expect(queries(record([required('a')]), record([{ ...required('b'), aliases: ['a'] }]))).toEqual([]);
  });

  test('is left by a field that is renamed and changes its type', () => {
    const after = record([{ name: 'b', type: 'string', default: '', aliases: ['a'] }]);
    expect(queries(record([required('a')]), after)).toEqual(['QUERY_COLUMN_STAYS $.a']);
  });

  test('is left by the parts of a record that becomes nullable, which is one column of JSON text', () => {
    const type = place([required('lat'), required('lon')]);
    expect(
      queries(record([{ name: 'at', type }]), record([{ name: 'at', type: ['null', type], default: null }])),
    ).toEqual(['QUERY_COLUMN_STAYS $.at.lat', 'QUERY_COLUMN_STAYS $.at.lon']);
  });

  test('is empty once its field is removed', () => {
    expect(queries(record([id, required('a')]), record([id]))).toEqual(['QUERY_COLUMN_FILLED $.a']);
  });
});

describe('a version that breaks a rule and was superseded', () => {
  const broken = (sluice: Json = {}) => record([id, required('a')], sluice);
  const right = (sluice: Json = {}) => record([id, optional('a')], sluice);
  const errors = (versions: readonly unknown[]) =>
    findingsOf(versions).flatMap(({ rule, version, severity }) => (severity === 'error' ? [[rule, version]] : []));

  test('is no error any more, and says by what', () => {
    expect(errors([record([id]), broken()])).toEqual([['WIRE_NEW_FIELD_HAS_DEFAULT', 2]]);
    for (const versions of [
      [record([id]), broken({ supersededBy: 3 }), right()],
      [record([id]), broken(), right({ supersedes: 2 })],
    ]) {
      expect(errors(versions)).toEqual([]);
      expect(findingsOf(versions)).toContainEqual(
        expect.objectContaining({ version: 2, severity: 'warning', accepted: 'superseded by v3' }),
      );
    }
  });

  test('is no measure for later ones; one that breaks nothing stays it', () => {
    const other = record([id, { name: 'a', type: 'string', default: '', doc: 'A' }]);
    expect(errors([record([id]), broken({ supersededBy: 3 }), other])).toEqual([]);
    expect(errors([record([id]), right({ supersededBy: 3 }), other]).map(([rule]) => rule)).toContain(
      'WIRE_TYPE_PROMOTABLE',
    );
  });
});

describe('a mode', () => {
  const breaking = (sluice: Json, steps = 1) => [
    record([id]),
    ...Array.from({ length: steps - 1 }, (_, index) => record([id, optional(`f${index}`)])),
    record([id, required('a'), ...Array.from({ length: steps - 1 }, (_, index) => optional(`f${index}`))], sluice),
  ];
  const outcome = (versions: readonly unknown[]) =>
    findingsOf(versions).map(
      ({ rule, severity, against, accepted }) =>
        `${severity} ${rule} ${against.join()}${accepted === undefined ? '' : ` (${accepted})`}`,
    );
  const compatibilityReason = 'why not';

  test('that asks for less lets pass what it does not ask for, with its reason', () => {
    expect(outcome(breaking({ compatibility: 'NONE', compatibilityReason }))).toEqual([
      'warning WIRE_NEW_FIELD_HAS_DEFAULT 1 (why not)',
      'warning API_FIELD_OPTIONAL 1 (why not)',
    ]);
  });

  test('that looks at the version before alone lets pass what only older ones feel', () => {
    const versions = [
      record([id]),
      record([id, optional('a')]),
      record([id, required('a')], { compatibility: 'BACKWARD', compatibilityReason }),
    ];
    expect(outcome(versions)).toEqual([
      'warning WIRE_NEW_FIELD_HAS_DEFAULT 1 (why not)',
      'warning API_FIELD_OPTIONAL 1 (why not)',
      'warning API_FIELD_OPTIONAL 2',
    ]);
    expect(outcome(breaking({ compatibility: 'BACKWARD', compatibilityReason }, 2))).toEqual([
      'error WIRE_NEW_FIELD_HAS_DEFAULT 1,2',
      'warning API_FIELD_OPTIONAL 1,2',
    ]);
  });

  test.each(['NONE', 'BACKWARD'])('%s without a reason is a finding and grants nothing', (compatibility) => {
    for (const reason of [undefined, '', ' ', 7]) {
      const found = outcome(breaking({ compatibility, compatibilityReason: reason }));
      expect(found).toContain('error LINT_COMPATIBILITY_SETTING ');
      expect(found).toContain('error WIRE_NEW_FIELD_HAS_DEFAULT 1');
    }
  });

  test('of which nobody has heard is a finding, and the default stays', () => {
    for (const compatibility of ['backward', 'constructor', 1, null]) {
      const found = outcome(breaking({ compatibility, compatibilityReason }));
      expect(found).toContain('error LINT_COMPATIBILITY_SETTING ');
      expect(found).toContain('error WIRE_NEW_FIELD_HAS_DEFAULT 1');
    }
  });

  test('that asks for the other direction adds to the default where it gives no reason', () => {
    for (const compatibility of ['FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE']) {
      expect(outcome(breaking({ compatibility }))).toEqual([
        'error WIRE_NEW_FIELD_HAS_DEFAULT 1',
        'warning API_FIELD_OPTIONAL 1',
      ]);
    }
    const removal = (compatibility: string) => [
      record([id, required('a')]),
      record([id, optional('b')], { compatibility }),
    ];
    for (const compatibility of ['FORWARD', 'FORWARD_TRANSITIVE', 'FULL', 'FULL_TRANSITIVE']) {
      expect(outcome(removal(compatibility))).toContain('error WIRE_OLD_READERS_READ_NEW 1');
    }
    expect(outcome(removal('BACKWARD_TRANSITIVE'))).not.toContain('error WIRE_OLD_READERS_READ_NEW 1');
  });

  test('looks forward as far as it says', () => {
    const versions = (compatibility: string) => [
      record([id, required('a')]),
      record([id, optional('a')]),
      record([id, optional('b')], { compatibility }),
    ];
    expect(outcome(versions('FULL')).filter((line) => line.includes('OLD_READERS'))).toEqual([]);
    expect(outcome(versions('FULL_TRANSITIVE')).filter((line) => line.includes('OLD_READERS'))).toEqual([
      'error WIRE_OLD_READERS_READ_NEW 1',
    ]);
  });
});

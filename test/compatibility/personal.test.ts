import { describe, expect, test } from 'vitest';
import { compileCodec } from '../../src/codec/codec.ts';
import { admitVersions } from '../../src/compatibility/admit.ts';
import { changesBetween } from '../../src/compatibility/changes.ts';
import { judgeNext } from '../../src/compatibility/check.ts';
import { schemaVersion } from '../../src/schema/history.ts';
import { PII_KEY } from '../support/personal-arbitraries.ts';

const record = (...fields: object[]) => ({ type: 'record', name: 'E', fields });
const id = { name: 'id', type: 'string' };
const email = (pii: object, type: unknown = 'string') => ({ name: 'email', type, ...pii });
const nullable = { default: null };
const TEXT = ['null', 'string'];

const versionOf = (...fields: object[]) => schemaVersion('a.b', 1, record(...fields));

/** The rules about personal data that a second version breaks. */
function broken(before: object, after: object): string[] {
  const { findings } = judgeNext('a.b', [versionOf(id, before)], { version: 2, definition: record(id, after) });
  return findings.map(({ rule }) => rule).filter((rule) => rule.includes('PERSONAL'));
}

describe('a change of a mark', () => {
  const states = { none: {}, clear: { pii: 'clear' }, hash: { pii: 'hash' }, drop: { pii: 'drop' } };
  const [SAME, DROPPED] = ['QUERY_PERSONAL_DATA_SAME', 'QUERY_PERSONAL_DATA_DROPPED'];
  test.for<[keyof typeof states, keyof typeof states, string | undefined]>([
    ['none', 'none', undefined],
    ['none', 'clear', undefined],
    ['clear', 'none', undefined],
    ['none', 'hash', SAME],
    ['clear', 'hash', SAME],
    ['hash', 'none', SAME],
    ['hash', 'clear', SAME],
    ['hash', 'drop', SAME],
    ['drop', 'hash', SAME],
    ['none', 'drop', DROPPED],
    ['clear', 'drop', DROPPED],
    ['drop', 'none', DROPPED],
    ['drop', 'clear', DROPPED],
    ['hash', 'hash', undefined],
    ['drop', 'drop', undefined],
  ])('from %s to %s breaks %s', ([before, after, rule]) => {
    const [was, is] = [before, after].map((state) => email({ ...nullable, ...states[state] }, TEXT));
    expect(broken(was!, is!)).toEqual(rule === undefined ? [] : [rule]);
  });

  test('is seen through another name and another type', () => {
    expect(
      broken(email({}), { ...email({ ...nullable, pii: 'hash' }, TEXT), name: 'mail', aliases: ['email'] }),
    ).toEqual([SAME]);
  });

  test('is a change that is shown', () => {
    expect(changesBetween(versionOf(email({})), versionOf(email({ pii: 'clear' })))).toEqual([
      { change: 'pii', path: '$.email', before: null, after: 'clear' },
    ]);
  });
});

test('a field is hashed from now on where it is dropped and one of another name is hashed, and old senders go on', () => {
  const later = record(id, email({ ...nullable, pii: 'drop' }, TEXT), {
    ...email({ ...nullable, pii: 'hash' }, TEXT),
    name: 'mail',
  });
  const history = admitVersions('a.b', [
    { version: 1, definition: record(id, email({})), ids: { confluent: 1 } },
    { version: 2, definition: later, ids: { confluent: 2 } },
  ]);
  expect(history.refused).toEqual([]);
  const codec = compileCodec(history, { piiKey: PII_KEY });
  const encoded = codec.encode(Buffer.from('{"id":"1","email":"ada@example.com"}'));
  expect(encoded).toMatchObject({ ok: true, version: 2 });
  expect(encoded.ok && encoded.value.toString('latin1')).not.toContain('ada');
  // The earlier version would keep it, also where a sender states it.
  expect(codec.encode(Buffer.from('{"id":"1","email":"ada@example.com"}'), 1)).toEqual(encoded);
});

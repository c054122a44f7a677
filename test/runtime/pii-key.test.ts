import { describe, expect, test } from 'vitest';
import { missingKey, type ReadSecret, readPiiKey, requirePiiKey } from '../../src/runtime/pii-key.ts';
import { historyOfFields } from '../support/histories.ts';

const readSecret: ReadSecret = async (id) => expect.unreachable(`nobody named the secret ${id}`);

const KEY = '0f8f1c1e8d5b4f439a550c4b1d2c8a11';

const PLAIN = historyOfFields('a.plain', [
  [
    { name: 'id', type: 'string' },
    { name: 'x', type: ['null', 'int'], pii: 'drop' },
  ],
]);
const PERSON = { type: 'record', name: 'P', fields: [{ name: 'email', type: 'string', pii: 'hash' }] };
const HASHING = historyOfFields('a.hashing', [
  [{ name: 'id', type: 'string' }],
  [
    { name: 'id', type: 'string' },
    { name: 'people', type: { type: 'array', items: PERSON }, default: [] },
    { name: 'name', type: ['null', 'string'], default: null, pii: 'hash' },
  ],
]);

/** The message of a refusal, which never holds what was given. */
async function refusal(env: Record<string, string>): Promise<string> {
  const error = await readPiiKey(readSecret, env).then(
    () => expect.unreachable('it was taken'),
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ code: 'SLUICE_PII_KEY', retryable: false });
  for (const given of Object.values(env)) if (given.length > 10) expect(error.message).not.toContain(given);
  return error.message;
}

describe('the key for personal data', () => {
  test('is the text of SLUICE_PII_KEY, without white space around it', async () => {
    expect(await readPiiKey(readSecret, { SLUICE_PII_KEY: KEY })).toEqual(new TextEncoder().encode(KEY));
    expect(await readPiiKey(readSecret, { SLUICE_PII_KEY: ` ${KEY}\n` })).toEqual(new TextEncoder().encode(KEY));
    expect(await readPiiKey(readSecret, { SLUICE_PII_KEY: 'é'.repeat(10) + KEY })).toHaveLength(20 + KEY.length);
  });

  test('is none where nothing is set', async () => {
    expect(await readPiiKey(readSecret, {})).toBeUndefined();
    expect(await readPiiKey(readSecret, { SLUICE_PII_KEY: '', SLUICE_PII_KEY_SECRET: '' })).toBeUndefined();
  });

  test('is refused where it is short, or could be guessed, with the way out', async () => {
    expect(await refusal({ SLUICE_PII_KEY: KEY.slice(1) })).toMatch(
      /SLUICE_PII_KEY has 31 characters.*openssl rand -hex 32/,
    );
    expect(await refusal({ SLUICE_PII_KEY: `${KEY.slice(3)}   ` })).toMatch(/has 29 characters/);
    expect(await refusal({ SLUICE_PII_KEY: 'abcdefg'.repeat(8) })).toMatch(/fewer than 8 different characters/);
  });

  test('is refused where two are given, since one of them was the key before', async () => {
    expect(await refusal({ SLUICE_PII_KEY: KEY, SLUICE_PII_KEY_SECRET: 'sluice/pii-key' })).toMatch(
      /both set; keep one/,
    );
  });
});

describe('a pipeline without a key', () => {
  test('starts where nothing is hashed', () => {
    expect(() => requirePiiKey([PLAIN], undefined)).not.toThrow();
    expect(missingKey(PLAIN, undefined)).toBeUndefined();
  });

  test('does not start where something is, and says what and how to give one', () => {
    expect(() => requirePiiKey([PLAIN, HASHING], undefined)).toThrow(
      expect.objectContaining({
        code: 'SLUICE_PII_KEY',
        message: expect.stringMatching(
          /^a\.hashing v2 hashes \$\.people\[\]\.email, \$\.name, and there is no key; set SLUICE_PII_KEY .* or SLUICE_PII_KEY_SECRET /,
        ),
      }),
    );
    expect(() => requirePiiKey([PLAIN, HASHING], new TextEncoder().encode(KEY))).not.toThrow();
  });
});

import { describe, expect, test } from 'vitest';
import { asSluiceError, ERRORS, type ErrorCode, SluiceError } from '../src/errors.ts';

test('every error code says whose fault it is, whether to try again, and the rule', () => {
  for (const [code, error] of Object.entries(ERRORS)) {
    expect(code).toMatch(/^SLUICE_[A-Z]+(_[A-Z]+)*$/);
    expect(['caller', 'schema', 'us']).toContain(error.blame);
    expect(error.rule).toMatch(/^[A-Za-z].*[^.\s]$/);
    // What is wrong with the data stays wrong.
    if (error.blame !== 'us') expect(error.retryable, code).toBe(false);
  }
});

describe('a SluiceError', () => {
  test('carries its code, what the code means, its faults and its cause', () => {
    const cause = new Error('inner');
    const faults = [{ code: 'SLUICE_TYPE' as ErrorCode, path: '$', rule: 'r', advice: 'a' }];
    const error = new SluiceError('SLUICE_LOG_UNAVAILABLE', 'no broker answers', { cause, faults });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'SluiceError', message: 'no broker answers', blame: 'us', retryable: true });
    expect([error.cause, error.faults]).toEqual([cause, faults]);
    expect(new SluiceError('SLUICE_TYPE', 'm').faults).toEqual([]);
    expect('cause' in new SluiceError('SLUICE_TYPE', 'm')).toBe(false);
  });
});

describe('asSluiceError', () => {
  test('leaves a SluiceError as it is', () => {
    const error = new SluiceError('SLUICE_TYPE', 'm');
    expect(asSluiceError(error, 'SLUICE_STORAGE')).toBe(error);
  });

  test.each([
    [new TypeError('boom'), 'boom'],
    ['text', 'text'],
    [null, 'null'],
  ])('makes one of %j, with the fallback for a code', (thrown, message) => {
    expect(asSluiceError(thrown)).toMatchObject({ code: 'SLUICE_INTERNAL', message, cause: thrown });
    expect(asSluiceError(thrown, 'SLUICE_STORAGE')).toMatchObject({ code: 'SLUICE_STORAGE', message });
  });
});

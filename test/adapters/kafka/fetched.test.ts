import { describe, expect, it } from 'vitest';
import { fetchedRecord } from '../../../src/adapters/kafka/fetched.ts';

describe('fetchedRecord', () => {
  it('keeps offsets beyond 2^53 exact', () => {
    const offset = '9223372036854775806';
    const message = { offset, key: null, value: null, timestamp: '0', attributes: 0, headers: {} };
    expect(fetchedRecord(message).offset).toBe(9_223_372_036_854_775_806n);
  });

  it('leaves out headers without a value, and keeps empty ones', () => {
    const headers = { none: undefined, empty: Buffer.alloc(0), emptied: [] };
    const message = { offset: '1', key: null, value: null, timestamp: '0', attributes: 0, headers };
    expect({ ...fetchedRecord(message).headers }).toEqual({ empty: Buffer.alloc(0) });
  });
});

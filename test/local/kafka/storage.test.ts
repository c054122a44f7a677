import { describe, expect, it } from 'vitest';
import { newClusterId } from '../../../src/local/kafka/storage.ts';

describe('a new cluster id', () => {
  it('is never one that begins as an option does', () => {
    const bytes = [Buffer.alloc(16, 0xfb), Buffer.alloc(16, 0xf8), Buffer.alloc(16, 1)];
    expect(newClusterId(() => bytes.shift()!)).toBe('AQEBAQEBAQEBAQEBAQEBAQ');
  });

  it('has 22 characters, and is another one every time', () => {
    const ids = Array.from({ length: 500 }, () => newClusterId());
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

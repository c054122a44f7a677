import { describe, expect, it } from 'vitest';
import { batchAnswer, batchFormat, requireType, statedVersion } from '../../src/stages/http-form.ts';

describe('the form of requests', () => {
  it('is told by the media type, whatever its parameters and case', () => {
    expect(batchFormat('application/json')).toBe('array');
    expect(batchFormat(' Application/X-NDJSON ; charset=utf-8')).toBe('lines');
    for (const type of [undefined, '', 'text/plain', 'application/json, text/plain']) {
      expect(() => batchFormat(type)).toThrow(expect.objectContaining({ code: 'SLUICE_CONTENT_TYPE' }));
    }
    expect(() => requireType('a/b;c', ['d/e'])).toThrow('send d/e, not "a/b"');
  });

  it('states a version in a header, a parameter or both, or none', () => {
    expect(statedVersion(undefined, undefined)).toBeUndefined();
    expect(statedVersion('2', undefined)).toBe(2);
    expect(statedVersion(undefined, '12')).toBe(12);
    expect(statedVersion('3', '3')).toBe(3);
    const wrong = [['3', '2'], ['0'], ['02'], ['v2'], ['1234567890'], [''], [undefined, ['1', '1']]] as const;
    for (const [header, parameter] of wrong) {
      expect(() => statedVersion(header, parameter)).toThrow(
        expect.objectContaining({ code: 'SLUICE_VERSION_UNKNOWN' }),
      );
    }
  });
});

describe('the answer to a batch', () => {
  const fault = (path: string) => ({ code: 'SLUICE_TYPE', path, rule: 'a rule', advice: 'a way' }) as const;
  const acceptances = [
    { ok: true, eventId: 'a' },
    { ok: false, faults: [fault('$.x'), fault('$.y')] },
  ] as const;

  it('has an item for each event, in their order', () => {
    expect(batchAnswer(acceptances)).toEqual({
      accepted: 1,
      refused: 1,
      items: [
        { index: 0, status: 202, event_id: 'a' },
        { index: 1, status: 400, code: 'SLUICE_TYPE', faults: [fault('$.x'), fault('$.y')] },
      ],
    });
  });

  it('shows as many faults of an item as are wanted', () => {
    expect(batchAnswer(acceptances, 1).items[1]).toMatchObject({ faults: [fault('$.x')] });
    expect(batchAnswer(acceptances, 0).items[1]).toMatchObject({ code: 'SLUICE_TYPE', faults: [] });
  });
});

import { describe, expect, it } from 'vitest';
import { fault } from '../../src/codec/json-body.ts';
import { problemOfError, problemOfFaults, statusOf } from '../../src/derive/problem.ts';
import { ERRORS, type ErrorCode, SluiceError } from '../../src/errors.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('a problem', () => {
  it.each(CODES)('of %s has a status that tells whose fault it is', (code) => {
    // A version that is refused is the schema's fault, and the sender's to choose; so is how often to send.
    const isSenders: readonly ErrorCode[] = ['SLUICE_VERSION_REFUSED', 'SLUICE_RATE'];
    const isCallers = ERRORS[code].blame === 'caller' || isSenders.includes(code);
    expect(statusOf(code)).toBeGreaterThanOrEqual(isCallers ? 400 : 500);
    expect(statusOf(code)).toBeLessThan(isCallers ? 500 : 600);
  });

  it.each([
    ['SLUICE_JSON_SYNTAX', 400],
    ['SLUICE_FIELD_MISSING', 400],
    ['SLUICE_EVENT_TYPE_UNKNOWN', 404],
    ['SLUICE_ROUTE_UNKNOWN', 404],
    ['SLUICE_BODY_INCOMPLETE', 408],
    ['SLUICE_BODY_TOO_LARGE', 413],
    ['SLUICE_CONTENT_TYPE', 415],
    ['SLUICE_ACCESS', 403],
    ['SLUICE_RATE', 429],
    ['SLUICE_INTERNAL', 500],
    ['SLUICE_QUEUE_FULL', 503],
    ['SLUICE_STORAGE', 503],
    ['SLUICE_STOPPING', 503],
  ] as const)('of %s has status %i', (code, status) => {
    expect(statusOf(code)).toBe(status);
    expect(problemOfError(new SluiceError(code, 'x'))).toMatchObject({
      code,
      status,
      type: `urn:sluice:error:${code}`,
    });
  });

  it('carries every fault, and is called after the first', () => {
    const faults = [
      fault('SLUICE_TYPE', '$.a', 'send a string'),
      fault('SLUICE_FIELD_MISSING', '$.b', 'add the field'),
      fault('SLUICE_RANGE', '$.c[3]', 'send less'),
    ];
    expect(problemOfFaults(faults)).toEqual({
      type: 'urn:sluice:error:SLUICE_TYPE',
      title: ERRORS.SLUICE_TYPE.rule,
      status: 400,
      detail: '$.a: send a string (and 2 more)',
      code: 'SLUICE_TYPE',
      faults,
    });
    expect(problemOfFaults(faults.slice(0, 1)).detail).toBe('$.a: send a string');
  });

  it("of an error with faults is its faults'", () => {
    const faults = [fault('SLUICE_BODY_EMPTY', '$', 'send one JSON object')];
    expect(problemOfError(new SluiceError('SLUICE_BODY_EMPTY', 'x', { faults }))).toEqual(problemOfFaults(faults));
  });

  it('tells the sender nothing of what happened inside', () => {
    const secret = '/home/somebody/.sluice/ledger.db: disk I/O error';
    for (const code of CODES.filter((each) => ERRORS[each].blame !== 'caller')) {
      expect(JSON.stringify(problemOfError(new SluiceError(code, secret)))).not.toContain('somebody');
    }
  });

  it("without a fault is ours, and no caller's", () => {
    expect(problemOfFaults([])).toMatchObject({ code: 'SLUICE_INTERNAL', status: 500 });
  });
});

import { ERRORS, type ErrorCode, type Fault, type SluiceError } from '../errors.ts';

/** Media type of a problem's body. */
export const PROBLEM_TYPE = 'application/problem+json';

/** A refusal in the form of RFC 9457, "Problem Details for HTTP APIs"; `code` and `faults` are extension members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  SLUICE_ROUTE_UNKNOWN: 404,
  SLUICE_EVENT_TYPE_UNKNOWN: 404,
  SLUICE_BODY_INCOMPLETE: 408,
  SLUICE_BODY_TOO_LARGE: 413,
  SLUICE_ROW_TOO_LARGE: 413,
  SLUICE_CONTENT_TYPE: 415,
  SLUICE_ACCESS: 403,
  SLUICE_RATE: 429,
  // The sender stated it, and can state another one.
  SLUICE_VERSION_REFUSED: 400,
};

/** HTTP status of an error: 4xx where the sender must change something, 503 where trying again helps, else 500. */
export function statusOf(code: ErrorCode): number {
  const { blame, retryable } = ERRORS[code];
  return STATUS[code] ?? (blame === 'caller' ? 400 : retryable && code !== 'SLUICE_INTERNAL' ? 503 : 500);
}

/** The problem that faults of a request make; the first fault gives it its code. */
export function problemOfFaults(faults: readonly Fault[]): Problem {
  const [first] = faults;
  if (first === undefined) return problemOf('SLUICE_INTERNAL', 'a refusal without a fault');
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
  return problemOf(first.code, `${first.path}: ${first.advice}${more}`, faults);
}

/** The problem of a request of which nothing more is known than one fault. */
export function problemOfFault(code: ErrorCode, advice: string): Problem {
  return problemOfFaults([{ code, path: '$', rule: ERRORS[code].rule, advice }]);
}

/** The problem of an error. What happened inside is for the log, not for the sender. */
export function problemOfError(error: SluiceError): Problem {
  if (error.faults.length > 0) return problemOfFaults(error.faults);
  return error.blame === 'caller' ? problemOf(error.code, error.message) : problemOfOurs(error.code);
}

/** The problem of something that went wrong inside. */
export function problemOfOurs(code: ErrorCode): Problem {
  return problemOf(code, whatWasTaken(code));
}

function whatWasTaken(code: ErrorCode): string {
  return code === 'SLUICE_TAKEN_IN_PART'
    ? 'some of it may have been taken; sent again, events without ids of their own may be there twice'
    : 'nothing was taken; the same request may be sent again';
}

/** @param detail what the sender may know of it, and do about it. */
export function problemOf(code: ErrorCode, detail: string, faults: readonly Fault[] = []): Problem {
  return { type: `urn:sluice:error:${code}`, title: ERRORS[code].rule, status: statusOf(code), detail, code, faults };
}

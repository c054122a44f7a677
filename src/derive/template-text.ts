import type { Problem } from './problem.ts';

/** A problem as part of a template: JSON without the characters that begin something in one. */
export function problemText(problem: Problem): string {
  return JSON.stringify(problem).replace(/[$#]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

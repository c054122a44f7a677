import { asSluiceError } from '../errors.ts';

/** Receives what somebody should know and nobody has to wait for. */
export type Log = (line: string) => void;

/** Writes to the function's log, with its request's id. */
export const log: Log = (line) => console.warn(line);

/** What an error says in a function's log. */
export function described(error: unknown): string {
  const { code, message } = asSluiceError(error);
  return `${code}: ${message}`;
}

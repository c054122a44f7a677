import type { LineProgram } from './converse.ts';
import { jsonText, parsed } from './json.ts';
import { ValueRefused } from './value-refused.ts';

/**
 * Questions and answers that are JSON objects, a line each. An answer with an `error` is thrown: as ValueRefused where it
 * has an `index`, too.
 */
export function asker(program: Pick<LineProgram, 'ask'>) {
  return async (question: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> => {
    const answer = parsed(await program.ask(jsonText(question))) as Record<string, unknown>;
    const { error, index } = answer;
    if (typeof error !== 'string') return answer;
    throw typeof index === 'number' ? new ValueRefused(index, error) : new Error(error);
  };
}

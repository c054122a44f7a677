/**
 * Arbitraries of events and schemas for fast-check, and the laws that every schema must obey: what `sluice contracts`
 * is made of, for tests of one's own.
 *
 * @example
 * const [{ history }] = await readSubjects('schemas');
 * fc.assert(fc.property(bodiesOf(history.newest.root, history.newest.settings), ({ text }) => accepts(text)));
 */
export { type BodyOptions, type BodySample, bodiesOf, NoBody } from './arbitraries/bodies.ts';
export { type Chain, chains } from './arbitraries/chains.ts';
export { type RefusedBody, refusedBodiesOf } from './arbitraries/refused.ts';
export { schemas } from './arbitraries/schemas.ts';
export type { Counterexample, Law, LawContext, Subject, Verdict } from './law.ts';
export { LAWS } from './laws/laws.ts';
export { openReaders, type ReaderName, type Readers } from './readers/readers.ts';
export { checkLaws, type Result, type RunOptions } from './run.ts';
export { readSubjects, subjectOf } from './subjects.ts';

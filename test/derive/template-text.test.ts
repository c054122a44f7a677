import fc from 'fast-check';
import { expect, it } from 'vitest';
import { problemOfFault } from '../../src/derive/problem.ts';
import { problemText } from '../../src/derive/template-text.ts';

it('a problem in a template is the same JSON, with nothing that a template would read', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'$#{}!()[]"\\\n', 'set', 'é', '\u{1F600}') }), (advice) => {
      const problem = problemOfFault('SLUICE_MODEL', advice);
      expect(JSON.parse(problemText(problem))).toEqual(problem);
      expect(problemText(problem)).not.toMatch(/[$#]/);
    }),
    { numRuns: 300 },
  );
});

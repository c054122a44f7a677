import fc from 'fast-check';
import type { Way } from '../../src/codec/json-path.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { JsonShape } from '../../src/schema/union-form.ts';

/** Every way in which a body is broken. */
export const BREAKAGES = [
  // A value.
  'wrong shape',
  'no whole number',
  'out of range',
  'precision lost',
  'bad format',
  'wrong length',
  'enum symbol',
  'union branch',
  'lone surrogate',
  'what is shown for personal data',
  'no event id',
  // What an object holds.
  'field missing',
  'field unknown',
  'duplicate key',
  // The whole.
  'no object',
  'too deep',
  'trailing garbage',
  'cut off',
  'no JSON',
  'byte-order mark',
  'blank',
] as const;

export type Breakage = (typeof BREAKAGES)[number];

/** A value that is broken at one place. */
export interface Broken {
  readonly breakage: Breakage;
  /** JSON text of the value. */
  readonly text: string;
  /** From the value to the place. */
  readonly way: Way;
  /** What the refusal may say of it. */
  readonly codes: readonly ErrorCode[];
}

/** One way of breaking a type's values. */
export interface Break {
  /** The JSON shape that the broken value has: by it, a union picks the branch that is to refuse it. */
  readonly shape: JsonShape;
  /** A whole number. */
  readonly weight: number;
  readonly cases: fc.Arbitrary<Broken>;
}

/** The weight of a break that is one of several; there are many wrong shapes, which weigh less. */
export const USUAL = 4;

/** A break of a value by one of some texts that stand for it. */
export function breakBy(
  breakage: Breakage,
  shape: JsonShape,
  code: ErrorCode,
  texts: fc.Arbitrary<string> | readonly string[],
): Break {
  const arbitrary = Array.isArray(texts) ? fc.constantFrom(...(texts as readonly string[])) : texts;
  const cases = (arbitrary as fc.Arbitrary<string>).map((text): Broken => ({ breakage, text, way: [], codes: [code] }));
  return { shape, weight: USUAL, cases };
}

/** Any of several breaks. */
export function anyOf(breaks: readonly Break[]): fc.Arbitrary<Broken> {
  return fc.oneof(...breaks.map(({ weight, cases }) => ({ weight, arbitrary: cases })));
}

const BY_SHAPE: Readonly<Record<JsonShape, readonly string[]>> = {
  null: ['null'],
  boolean: ['false', 'true'],
  number: ['0', '1', '-1.5', '1e300'],
  string: ['""', '"x"', '"0"', '"null"', '"true"'],
  object: ['{}', '{"":0}'],
  array: ['[]', '[null]', '[[0]]'],
};

/** Values of every JSON shape that a type does not take. */
export function wrongShapes(taken: readonly JsonShape[], breakage: Breakage, code: ErrorCode): Break[] {
  const wrong = (Object.keys(BY_SHAPE) as JsonShape[]).filter((shape) => !taken.includes(shape));
  return wrong.map((shape) => ({ ...breakBy(breakage, shape, code, BY_SHAPE[shape]), weight: 1 }));
}

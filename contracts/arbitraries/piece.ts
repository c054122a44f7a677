import fc from 'fast-check';
import type { Held } from './held.ts';

/** A part of a body: its JSON text, what decoding must give for it, and the same for avsc; see `BodySample`. */
export interface Piece {
  readonly text: string;
  readonly back: unknown;
  readonly avro: unknown;
}

/** A scalar as Avro holds it, and its JSON text in one of the accepted spellings. */
export interface Written {
  readonly held: Held;
  readonly text: string;
}

/** Whether tens of kilobytes may come up: not where hundreds of the same stand together. */
export type Room = 'ample' | 'scarce';

/** One of several kinds of values, each with its weight; whatever was picked shrinks to the first of all. */
export function smallestFirst<T>(
  smallest: T,
  ...rest: readonly (readonly [number, fc.Arbitrary<T>])[]
): fc.Arbitrary<T> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 1, arbitrary: fc.constant(smallest) },
    ...rest.map(([weight, arbitrary]) => ({ weight, arbitrary })),
  );
}

/** A way of writing a value: mostly 0, which is the canonical one and what all others shrink to. */
export const way: fc.Arbitrary<number> = smallestFirst(0, [1, fc.constant(0)], [2, fc.integer({ min: 1, max: 63 })]);

/** Values in spellings that are picked by `way`. */
export function spelled<H extends Held>(
  values: fc.Arbitrary<H>,
  spell: (held: H, way: number) => string,
): fc.Arbitrary<Written> {
  return fc.tuple(values, way).map(([held, picked]) => ({ held, text: spell(held, picked) }));
}

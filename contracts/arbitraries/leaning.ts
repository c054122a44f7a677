import fc from 'fast-check';

/**
 * Values of a range, drawn in one way and shrunk in another: edges that were picked from a list shrink through all of the
 * range, not only to other edges.
 *
 * @param range what shrinks any of the values; it must hold them.
 * @param drawn where values come from.
 */
export function leaning<T>(range: fc.Arbitrary<T>, ...drawn: readonly (readonly [number, fc.Arbitrary<T>])[]) {
  return new Leaning(range, fc.oneof(...drawn.map(([weight, arbitrary]) => ({ weight, arbitrary }))));
}

class Leaning<T> extends fc.Arbitrary<T> {
  readonly #range: fc.Arbitrary<T>;
  readonly #drawn: fc.Arbitrary<T>;

  constructor(range: fc.Arbitrary<T>, drawn: fc.Arbitrary<T>) {
    super();
    this.#range = range;
    this.#drawn = drawn;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<T> {
    // Without its context, a value is shrunk by what it is, not by how it was drawn.
    return new fc.Value(this.#drawn.generate(random, biasFactor).value, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.#range.canShrinkWithoutContext(value);
  }

  override shrink(value: T, context: unknown): fc.Stream<fc.Value<T>> {
    if (context === undefined && !this.#range.canShrinkWithoutContext(value)) return fc.Stream.nil();
    return this.#range.shrink(value, context);
  }
}

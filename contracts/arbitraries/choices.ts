import fc from 'fast-check';

/** Small decisions for whatever is built by walking: the same list decides the same way. */
export class Choices {
  readonly #list: readonly number[];
  #at = 0;

  constructor(list: readonly number[]) {
    this.#list = list;
  }

  /** A number below `count`; always 0 where the list is empty, which is the simplest one. */
  below(count: number): number {
    const { length } = this.#list;
    if (length === 0) return 0;
    // A list that is used up goes on as another one.
    const next = this.#list[this.#at % length]! + 97 * Math.floor(this.#at / length);
    this.#at += 1;
    return next % count;
  }

  /** True about once in `times`; never where the list is empty. */
  oneIn(times: number): boolean {
    return this.below(times) === times - 1;
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

/** Shrinks to what decides for the first of everything. */
export const choiceLists: fc.Arbitrary<readonly number[]> = fc.array(fc.nat(5039), { maxLength: 60, size: 'max' });

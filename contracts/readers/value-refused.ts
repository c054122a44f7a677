/** A foreign reader does not take one of the values that it was given together. */
export class ValueRefused extends Error {
  override readonly name = 'ValueRefused';
  /** Which one, from 0. */
  readonly index: number;

  constructor(index: number, message: string) {
    super(message);
    this.index = index;
  }
}

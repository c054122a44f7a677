/** A 32-bit float as decoding must give it: its text may be any that reads back to the same float. */
export class Float32 {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** True where decoded JSON is what a sample says. Minus zero is not zero; key order is free. */
export function isBack(actual: unknown, back: unknown): boolean {
  if (back instanceof Float32) return typeof actual === 'number' && Object.is(Math.fround(actual), back.value);
  if (typeof back !== 'object' || back === null) return Object.is(actual, back);
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual) !== Array.isArray(back)) return false;
  const keys = Object.keys(back);
  return (
    Object.keys(actual).length === keys.length &&
    keys.every(
      (key) =>
        Object.hasOwn(actual, key) &&
        isBack((actual as Record<string, unknown>)[key], (back as Record<string, unknown>)[key]),
    )
  );
}

/** S3, as stages see it: whole objects under slash-separated keys. */
export interface ObjectStore {
  /** Writes an object whole or not at all, durably; an object of the same key is replaced. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** @returns the object's bytes, or undefined where there is none. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Keys that begin with `prefix`, in lexicographic order. */
  list(prefix: string): Promise<string[]>;
}

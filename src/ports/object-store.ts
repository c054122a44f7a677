/** S3, as stages see it: whole objects under slash-separated keys. */
export interface ObjectStore {
  /** Writes an object whole or not at all, durably; an object of the same key is replaced. */
  put(key: string, bytes: Uint8Array): Promise<void>;
}

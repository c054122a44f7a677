/**
 * What all invocations of an execution environment share: opened by the first of them, and by the next one after it
 * could not be opened. Nothing is opened while a module loads, since a failure there would be repeated by no one.
 */
export function once<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open().catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

/** Does `work` once for all who ask for the same key while it is under way; afterwards it is done anew. */
export function singleFlight<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key) => {
    const joined = underWay.get(key);
    if (joined !== undefined) return joined;
    const started = work(key).finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}

const MAX_EXAMPLES = 5;

/**
 * The document of `examples.json`: up to five of the samples, those first that differ most in which members they have.
 */
export function examplesFrom(events: readonly Readonly<Record<string, unknown>>[]): object {
  const firsts = new Map<string, number>();
  for (const [index, event] of events.entries()) {
    const present = Object.keys(event).filter((key) => event[key] !== null);
    const pattern = JSON.stringify(present.sort());
    if (!firsts.has(pattern)) firsts.set(pattern, index);
    if (firsts.size === MAX_EXAMPLES) break;
  }
  const chosen = new Set([...firsts.values(), ...events.slice(0, MAX_EXAMPLES).keys()]);
  const indexes = [...chosen].slice(0, MAX_EXAMPLES).sort((a, b) => a - b);
  return {
    valid: indexes.map((index) => ({ name: `sample ${index + 1}`, since: 1, body: events[index] })),
    invalid: [],
  };
}

/** True for a name that Avro allows for a field, and Sluice carries. */
export function isFieldName(name: string): boolean {
  // JavaScript's own name for a prototype would be lost in some object on the way.
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && name !== '__proto__';
}

/** The words of a name, joined with capitals: `placed_at` becomes `PlacedAt`. */
export function typeName(name: string): string {
  const joined = name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_match, letter: string) => letter.toUpperCase());
  return /^[A-Za-z]/.test(joined) ? joined : `_${joined}`;
}

/** The full name of an event type's record: its last word, in the namespace of those before. */
export function recordName(eventType: string): { readonly name: string; readonly namespace: string | undefined } {
  const words = eventType.split('.');
  const spaces = words.slice(0, -1).map((word) => word.replaceAll('-', '_').replace(/^(?=\d)/, '_'));
  return { name: typeName(words.at(-1)!), namespace: spaces.length === 0 ? undefined : spaces.join('.') };
}

/** A column's header as a field name in lower case: `Cost Total $` becomes `cost_total`. */
export function snakeCase(header: string): string {
  const words = header
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return words.replace(/^(?=\d)/, '_');
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A record of its fields, each of which has a doc: nothing that the check would mind. */
export const order = (...fields: readonly object[]) => ({
  type: 'record',
  name: 'Order',
  doc: 'An order',
  fields: [{ name: 'id', type: 'string', doc: 'Its id' }, ...fields],
});
const total = { name: 'total', type: 'int', doc: 'In cents' };

/** Versions that may follow one another. */
export const FIRST = order();
export const SECOND = order({ ...total, default: 0 });
export const THIRD = order({ ...total, default: 0 }, { name: 'paid', type: 'boolean', default: false, doc: 'Whether' });
/** One that must not follow. */
export const BREAKING = order(total, { name: 'must', type: 'string', doc: 'Has no default' });

/** Writes versions, the first of which is `from`; a text as it is, anything else as JSON. */
export function writeVersions(folder: string, eventType: string, versions: readonly unknown[], from = 1): void {
  mkdirSync(join(folder, eventType), { recursive: true });
  versions.forEach((definition, index) => {
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    writeFileSync(join(folder, eventType, `v${from + index}.avsc`), text);
  });
}

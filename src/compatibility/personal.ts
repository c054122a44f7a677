import type { Pii } from '../schema/ast.ts';
import type { SchemaSettings } from '../schema/history.ts';
import { resolvedFields } from './resolved.ts';
import type { Rule, Spot } from './rule.ts';

/** What is kept of a value: its hash, nothing, or the value itself. */
type Kept = 'hash' | 'nothing' | 'value';

function keptOf(pii: Pii | undefined): Kept {
  return pii === 'hash' ? 'hash' : pii === 'drop' ? 'nothing' : 'value';
}

const IN_WORDS: Readonly<Record<Kept, string>> = { hash: 'hashed', nothing: 'dropped', value: 'kept as it is' };

/** Settings that name a field, the marks that the field may not have, and why. */
const SETTINGS: readonly {
  readonly setting: keyof Pick<SchemaSettings, 'key' | 'eventId' | 'eventTime'>;
  readonly forbidden: readonly Pii[];
  readonly why: string;
}[] = [
  { setting: 'key', forbidden: ['drop'], why: 'is dropped, so no record would have a key' },
  { setting: 'eventTime', forbidden: ['drop'], why: 'is dropped, so no event would have a time' },
  {
    setting: 'eventId',
    forbidden: ['hash', 'drop', 'clear'],
    why: 'is personal data, and the id of an event is in headers, answers and logs',
  },
];

/** Personal data: what is done to it stays, and it does not get out by another way. */
export const PERSONAL_RULES: readonly Rule[] = [
  {
    id: 'QUERY_PERSONAL_DATA_SAME',
    surface: 'QUERY',
    severity: 'error',
    purpose:
      'a field stays hashed, or stays unhashed: else a column holds values and hashes, and nothing joins any more',
    affected: 'queries that join or group by the column; and people whose values were kept in clear before',
    advice: 'mark the field "drop", and add one under another name that is marked as you want it',
    over: 'pair',
    *find(earlier, later): Generator<Spot> {
      for (const { from, to, path } of resolvedFields(earlier.root, later.root)) {
        const [was, is] = [keptOf(from.pii), keptOf(to.pii)];
        if (was === is || (was !== 'hash' && is !== 'hash')) continue;
        yield { path, message: `it was ${IN_WORDS[was]} and would be ${IN_WORDS[is]}` };
      }
    },
  },
  {
    id: 'QUERY_PERSONAL_DATA_DROPPED',
    surface: 'QUERY',
    severity: 'warning',
    purpose:
      'what is dropped stays dropped, and what is kept stays kept; neither makes a column wrong, but only one of them is seen',
    affected: 'queries, which see NULL or the default for new events; or people whose values are kept from then on',
    advice: 'tell those who query, or ask those whose data it is',
    over: 'pair',
    *find(earlier, later): Generator<Spot> {
      for (const { from, to, path } of resolvedFields(earlier.root, later.root)) {
        const [was, is] = [keptOf(from.pii), keptOf(to.pii)];
        if (was === is || was === 'hash' || is === 'hash') continue;
        yield { path, message: `it was ${IN_WORDS[was]} and would be ${IN_WORDS[is]}` };
      }
    },
  },
  {
    id: 'LINT_PERSONAL_DATA_SETTINGS',
    surface: 'LINT',
    severity: 'error',
    purpose: 'sluice.eventId names no personal data, sluice.key and sluice.eventTime none that is dropped',
    affected: 'people whose data would be in headers and logs, or everybody who needs the key',
    advice: 'name another field, or none; a key may be hashed',
    over: 'version',
    *find({ root, settings }): Generator<Spot> {
      for (const { setting, forbidden, why } of SETTINGS) {
        const field = root.fields.find(({ name }) => name === settings[setting]);
        if (field?.pii === undefined || !forbidden.includes(field.pii)) continue;
        yield { path: `$.${field.name}`, message: `sluice.${setting} names it, and it ${why}` };
      }
    },
  },
];

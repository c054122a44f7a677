import { SluiceError } from '../errors.ts';
import type { SchemaHistory } from '../schema/history.ts';
import { modelName } from './names.ts';
import { declareTypes, freeName } from './types.ts';

/** First line of what is generated; a file that begins with it may be written over. */
export const CLIENT_MARK = '// Written by `sluice schema types`: change the schemas, not this file.';

/** The line of the client by which it takes in the event types; in what is generated they stand in its place. */
const IMPORT = "import { EVENT_ID_FIELDS, type EventTypes } from './event-types.ts';\n";

/**
 * Derives one TypeScript module for those who send: the types of every event type, and the client that is typed by them.
 * It imports nothing.
 *
 * @param client text of the module `src/client/client.ts`.
 * @throws SluiceError SLUICE_INTERNAL where that text does not take in the event types as it should.
 */
export function deriveClient(histories: readonly SchemaHistory[], client: string): string {
  const [start, rest, ...more] = client.split(IMPORT);
  if (start !== '' || rest === undefined || more.length > 0 || /^import /m.test(rest)) {
    throw new SluiceError('SLUICE_INTERNAL', `the client must begin with its only import: ${IMPORT.trim()}`);
  }
  const taken = wordsOf(client);
  const roots = new Map(histories.map((history) => [history, rootName(history, taken)]));
  return [
    CLIENT_MARK,
    ...Array.from(roots, ([history, name]) => `\n${declareTypes(history, name, taken).trimEnd()}`),
    '\n/** The body of each event type, by its name. */\nexport interface EventTypes {',
    ...Array.from(roots, ([{ eventType }, name]) => `  '${eventType}': ${name};`),
    '}',
    '\n/** The field of each event type that holds the event id; null where no field does. */',
    'export const EVENT_ID_FIELDS: { readonly [Type in keyof EventTypes]: string | null } = {',
    ...histories.map(({ eventType, newest }) => `  '${eventType}': ${literal(newest.settings.eventId)},`),
    '};',
    rest,
  ].join('\n');
}

/** An event's own type has the first claim to its name, whatever the records of other event types are called. */
function rootName({ eventType }: SchemaHistory, taken: Set<string>): string {
  const name = freeName(modelName(eventType), taken);
  taken.add(name);
  return name;
}

/**
 * What the client's code calls types and values, its own and the world's: a record called `Promise` must not come
 * between it and those.
 */
function wordsOf(client: string): Set<string> {
  const code = client.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return new Set(code.match(/\b[A-Z]\w*/g));
}

function literal(text: string | undefined): string {
  return text === undefined ? 'null' : `'${text}'`;
}

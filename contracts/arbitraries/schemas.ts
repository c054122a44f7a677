import fc from 'fast-check';
import { Choices, choiceLists } from './choices.ts';
import { buildSchema, type FieldJson, type Naming, namedTypesOf, type RecordJson } from './schema-builder.ts';
import { recordPlans } from './schema-plans.ts';

/**
 * Names of fields: words of SQL, Java, Python, TypeScript and JavaScript's objects, capitals, and what tables have by
 * themselves. No two join with `_` to the name of a third, as nested fields are joined for their columns.
 */
export const FIELD_NAMES = (
  'id Value constructor toString _x n1 place hasOwnProperty order group class From userName SELECT type hour year dt ' +
  'length null true async def import_ schema Table yield x Y valueOf'
).split(' ');

const TYPE_WORDS = ['R', 'class', 'Order', 'Event', 'map', 'Flight', 'Type_'];
const NAMESPACES = ['', 'acme', 'acme.odd', 'com.Example.v1'];
const DOCS = ['', 'A value.', 'It\'s "quoted", <b>bold</b> & `code`', 'two\nlines', "*/ '; -- 😀", '\\N \u2028'];

/**
 * Definitions of event types that the check takes as a first version: every type and logical type, records within records
 * and within themselves, unions, defaults, names and docs that are awkward somewhere, settings, marks of personal data.
 */
export const schemas: fc.Arbitrary<RecordJson> = fc.tuple(recordPlans(true), choiceLists).map(([plan, list]) => {
  const choices = new Choices(list);
  const schema = buildSchema(plan, namingBy(choices));
  decorate(schema, choices);
  settle(schema, choices);
  return schema;
});

/** Types in the null namespace can be called by their names only where all of them are. */
function namingBy(choices: Choices): Naming {
  const main = choices.of(NAMESPACES);
  return {
    record: () => {
      const start = choices.below(FIELD_NAMES.length);
      return (index) => FIELD_NAMES[(start + index) % FIELD_NAMES.length]!;
    },
    type: (letter, count) => {
      const word = letter === 'R' ? choices.of(TYPE_WORDS) : letter;
      const namespace = main !== '' && choices.oneIn(4) ? choices.of(NAMESPACES.slice(1)) : main;
      return `${namespace === '' ? '' : `${namespace}.`}${word}${count}`;
    },
  };
}

/** Gives types and fields what they could do without. */
function decorate(schema: RecordJson, choices: Choices): void {
  let count = 0;
  for (const type of namedTypesOf(schema)) {
    count += 1;
    if (choices.oneIn(2)) type.doc = choices.of(DOCS);
    if (choices.oneIn(6)) type.aliases = [`Former${count}`];
    if (choices.oneIn(8)) type['x-owner'] = { team: ['a', null] };
    if (type.name.includes('.') && choices.oneIn(3)) {
      const at = type.name.lastIndexOf('.');
      type.namespace = type.name.slice(0, at);
      type.name = type.name.slice(at + 1);
    }
    if (type.symbols !== undefined && choices.oneIn(3)) type.default = type.symbols[0]!;
    for (const field of type.fields ?? []) {
      count += 1;
      if (choices.oneIn(2)) field.doc = choices.of(DOCS);
      if (choices.oneIn(8)) field.aliases = [`was${count}`];
      if (choices.oneIn(8)) mark(field, choices.of(['hash', 'drop', 'clear'] as const));
    }
  }
}

/** Marks a field as personal data, where the mark can be heeded. */
function mark(field: FieldJson, pii: 'hash' | 'drop' | 'clear'): void {
  const branches = Array.isArray(field.type) ? (field.type as unknown[]) : [field.type];
  const values = branches.filter((branch) => branch !== 'null');
  const isText = field.type === 'string' || (branches.length === 2 && values.length === 1 && values[0] === 'string');
  if (pii === 'hash' && !isText) return;
  if (pii === 'drop' && field.default === undefined && values.length === branches.length) return;
  field.pii = pii;
}

/** Settings that name fields which fit. */
function settle(schema: RecordJson, choices: Choices): void {
  const settings: Record<string, unknown> = {};
  const fits = (types: readonly string[], isNullable: boolean) =>
    schema.fields.find(({ type, pii }) => {
      const isOptional = isNullable && Array.isArray(type) && type.length === 2 && type.includes('null');
      const only = isOptional ? type.find((branch) => branch !== 'null') : type;
      const { logicalType } = (only ?? {}) as { logicalType?: string };
      return pii === undefined && types.includes(logicalType ?? (only as string));
    })?.name;
  const key = fits(['string', 'int', 'long'], true);
  const eventId = fits(['string'], false);
  const eventTime = fits(['date', 'timestamp-millis', 'timestamp-micros', 'local-timestamp-nanos'], true);
  if (key !== undefined && choices.oneIn(2)) settings.key = key;
  if (eventId !== undefined && choices.oneIn(2)) settings.eventId = eventId;
  if (eventTime !== undefined && choices.oneIn(2)) settings.eventTime = eventTime;
  if (choices.oneIn(4)) settings.partitions = 1 + choices.below(12);
  if (Object.keys(settings).length > 0) schema.sluice = settings;
}

import type { Mutant } from '../mutant.ts';

const LAYOUT = 'src/derive/layout.ts';
const DECODE = 'src/codec/decode.ts';
const RESOLUTION = 'src/schema/resolution.ts';

/** Faults that show once a schema has a second version: columns that move, old events that read otherwise. */
export const VERSION_FAULTS: readonly Mutant[] = [
  {
    id: 'columns-by-name',
    description: 'The columns of a table are sorted by name',
    file: LAYOUT,
    find: '\n  return columns;\n',
    replace: '\n  return columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));\n',
  },
  {
    id: 'column-in-front',
    description: 'A column that comes later is put in front of the older ones',
    file: LAYOUT,
    find: '\n  return columns;\n',
    replace: '\n  return columns.toSorted((a, b) => b.since - a.since);\n',
  },
  {
    id: 'column-removed',
    description: 'The column of a field that was removed is removed with it',
    file: LAYOUT,
    find: '\n  return columns;\n',
    replace: '\n  return columns.filter(({ source }) => source !== null);\n',
  },
  {
    id: 'column-renamed-appended',
    description: 'A field that was renamed gets a column of its own, and the old one ends',
    file: LAYOUT,
    find: 'return [field.name, ...field.aliases.filter((alias) => !others.has(alias))];',
    replace: 'return others.has(field.name) ? [field.name] : [];',
  },
  {
    id: 'column-narrow',
    description: 'A column does not widen with its field',
    file: LAYOUT,
    find: 'NUMERIC_WIDTH[after.type]! > NUMERIC_WIDTH[before.type]! ? after : undefined',
    replace: 'NUMERIC_WIDTH[after.type]! > NUMERIC_WIDTH[before.type]! ? before : undefined',
  },
  {
    id: 'column-reused',
    description: 'A field whose type has changed keeps its column, and old rows read as the new type',
    file: LAYOUT,
    find: 'const widened = known === undefined ? undefined : widen(columns[known]!, leaf.cell);',
    replace: 'const widened = known === undefined ? undefined : leaf.cell;',
  },
  {
    id: 'column-name-follows',
    description: 'A column is renamed with its field, and queries by the old name fail',
    file: LAYOUT,
    find: 'columns[position] = { ...columns[position]!, ...widened, ...content };',
    replace: 'columns[position] = { ...columns[position]!, name: columnName(leaf.path), ...widened, ...content };',
  },
  {
    id: 'alias-ignored',
    description: 'What was written by the old name of a field is read as missing',
    file: RESOLUTION,
    find: 'reader.fields.find((field) => field.aliases.includes(from.name) && !taken.has(field));',
    replace: 'undefined;',
  },
  {
    id: 'promotion-unsigned',
    description: 'A negative int is read as a large long',
    file: DECODE,
    find: "const value = writer.kind === 'int' ? source.int() : source.long();",
    replace: "const value = writer.kind === 'int' ? source.int() >>> 0 : source.long();",
  },
  {
    id: 'promotion-float-digits',
    description: 'A float that is read as a double is given the shortest digits of a float',
    file: DECODE,
    find: 'return (source) => doubleText(number(source));',
    replace: "return (source) => (writer.kind === 'float' ? floatText(number(source)) : doubleText(number(source)));",
  },
  {
    id: 'promotion-of-writer',
    description: 'A long that is read as a double is read eight bytes wide',
    file: DECODE,
    find: 'return (source) => Number(source.long());',
    replace: 'return (source) => source.double();',
  },
  {
    id: 'skip-short',
    description: 'A field that is read no more is skipped by one item too few',
    file: DECODE,
    find: "source.blocks(() => item(source));\n        return '';",
    replace: "let seen = 0;\n        source.blocks(() => (seen++ === 1 ? '' : item(source)));\n        return '';",
  },
  {
    id: 'enum-by-index',
    description: 'A symbol is read by its place in the list of the reader',
    file: DECODE,
    find: 'const resolved = known.includes(symbol) ? symbol : fallback;',
    replace: 'const resolved = known[written.indexOf(symbol)] ?? fallback;',
  },
  {
    id: 'default-bytes-utf8',
    description: 'A default of bytes is written as UTF-8',
    file: 'src/codec/defaults.ts',
    find: "return sink.lengthAndBytes(Buffer.from(value as string, 'latin1'));",
    replace: "return sink.lengthAndBytes(Buffer.from(value as string, node.logical ? 'latin1' : 'utf8'));",
  },
  {
    id: 'default-last-branch',
    description: 'The default of a union is taken for its last branch',
    file: 'src/codec/defaults.ts',
    find: 'sink.long(0);\n      return write(node.branches[0]!, value, sink);',
    replace:
      'sink.long(value === null ? 0 : node.branches.length - 1);\n      return write(node.branches.at(value === null ? 0 : -1)!, value, sink);',
  },
  {
    id: 'version-stated-ignored',
    description: 'A body is written by the newest version although its sender states another',
    file: 'src/codec/codec.ts',
    find: 'const writer = this.#writer(successorOf(history, version));',
    replace: 'const writer = this.#writer(history.newest);',
  },
];

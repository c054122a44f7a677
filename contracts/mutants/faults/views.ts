import type { Mutant } from '../mutant.ts';

const TABLES = 'src/local/sql/tables.ts';
const EXPRESSIONS = 'src/local/sql/expressions.ts';
const TABLE = 'src/derive/sql-table.ts';
const VIEWS = 'src/derive/views.ts';

/** Faults in what people query: the views over the rows. */
export const VIEW_FAULTS: readonly Mutant[] = [
  {
    id: 'view-repeats',
    description: 'The de-duplicated view shows repeats',
    file: VIEWS,
    find: 'WHERE ${NUMBER} = 1`,',
    replace: 'WHERE ${NUMBER} >= 1`,',
  },
  {
    id: 'view-latest',
    description: 'Of the rows of one event the view shows the latest, and changes when it is delivered again',
    file: VIEWS,
    find: '`${identifier(column)} NULLS LAST`',
    replace: '`${identifier(column)} DESC`',
  },
  {
    id: 'view-by-offset',
    description: 'An event is known by its place in the topic, and shows twice when it was accepted twice',
    file: TABLE,
    find: "identity: '_event_id',",
    replace: "identity: '_kafka_offset',",
  },
  {
    id: 'view-null-mark',
    description: 'The reader of the objects takes an empty cell for null',
    file: TABLES,
    find: String.raw`"nullstr = '\\N'",`,
    replace: String.raw`"nullstr = ['\\N', '']",`,
  },
  {
    id: 'view-escapes-in-turn',
    description: 'A view undoes the escaped escape character before the line feed that it stands for',
    file: VIEWS,
    find: "replace(replace(replace(${column}, chr(27) || 'n', chr(10)), chr(27) || 'r', chr(13)), chr(27) || 'e', chr(27))",
    replace:
      "replace(replace(replace(${column}, chr(27) || 'e', chr(27)), chr(27) || 'n', chr(10)), chr(27) || 'r', chr(13))",
  },
  {
    id: 'view-time-unit',
    description: 'A view takes milliseconds of a day for microseconds',
    file: EXPRESSIONS,
    find: 'make_timestamp(${column}::BIGINT * 1000)::TIME',
    replace: 'make_timestamp(${column}::BIGINT)::TIME',
  },
];

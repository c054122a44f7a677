import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { viewName } from '../../src/derive/names.ts';
import { bodiesOf } from '../arbitraries/bodies.ts';
import { codecOf, encoded, framed } from '../codec.ts';
import type { Law } from '../law.ts';
import { linesOf } from '../objects.ts';
import { checkCases, type Failure } from '../property.ts';
import { queryObjects } from '../views.ts';

/** One event, and how it comes again. */
interface Case {
  readonly text: string;
  /** Which object its rows are in, the first time and the second. */
  readonly first: number;
  readonly second: number;
  /** The same record read again; or the same event accepted again, later, at another place of the topic. */
  readonly again: 'same record' | 'another record';
  /** Where among the others its second row comes. */
  readonly order: number;
}

const OBJECTS = 6;
/** What lies between an event and the same event sent again, in milliseconds and in offsets. */
const LATER = { ms: 60_000, offsets: 1_000_000n } as const;

export const IDEMPOTENCE: Law = {
  number: 9,
  id: 'idempotence',
  statement: 'The same events delivered twice, in other batches and other objects, give the same de-duplicated view.',
  why: 'Every stage may do its work twice after a crash; a sum that counts some events twice is wrong by a little, and nobody sees it.',
  needs: [],
  check({ history }, context) {
    const codec = codecOf(history);
    const { newest } = history;
    const cases: fc.Arbitrary<Case> = fc.record({
      text: bodiesOf(newest.root, newest.settings).map(({ text }) => text),
      first: fc.nat({ max: OBJECTS - 1 }),
      second: fc.nat({ max: OBJECTS - 1 }),
      again: fc.constantFrom('same record', 'another record'),
      order: fc.nat(),
    });
    const view = `SELECT * EXCLUDE (dt, hour) FROM ${viewName(history.eventType)} ORDER BY _event_id`;
    const show = ({ text, first, second, again }: Case) => `${text} (object ${first}, and ${second} as ${again})`;
    // To open the engine takes longer than hundreds of rows: so it is done twice for as many.
    return checkCases(context, cases, { batch: 200, show }, async (batch) => {
      const once = batch.map(({ text }, index) => framed(encoded(codec, { text }, newest.version), index));
      const twice = once.map((event, index) => {
        if (batch[index]!.again === 'same record') return event;
        return { ...event, ingestedAt: event.ingestedAt + LATER.ms, offset: event.offset + LATER.offsets };
      });
      const [lines, repeated] = [once, twice].map((events) => linesOf(codec, events));
      const objects = Array.from({ length: OBJECTS }, (_, object) =>
        Buffer.concat(lines!.filter((_, index) => batch[index]!.first === object)),
      );
      const order = [...batch.keys()].sort((a, b) => batch[a]!.order - batch[b]!.order);
      const more = Array.from({ length: OBJECTS }, (_, object) =>
        Buffer.concat(order.filter((index) => batch[index]!.second === object).map((index) => repeated![index]!)),
      );
      const delivered = [objects, [...more, ...objects]].map((all) => all.filter(({ length }) => length > 0));
      const [expected, shown] = await Promise.all(delivered.map((all) => queryObjects(history, all, view)));
      return sameFailure(expected!, shown!, batch.length);
    });
  },
};

type Rows = readonly Readonly<Record<string, unknown>>[];

function sameFailure(expected: Rows, shown: Rows, events: number): Failure | undefined {
  if (expected.length !== events) return { field: '$', details: `${events} events are ${expected.length} rows` };
  if (shown.length !== events) return { field: '$', details: `${events} events twice are ${shown.length} rows` };
  for (const [index, row] of expected.entries()) {
    const column = Object.keys(row).find((name) => !isDeepStrictEqual(row[name], shown[index]![name]));
    if (column === undefined) continue;
    const [was, is] = [row, shown[index]!].map((one) => JSON.stringify(one[column]));
    return { field: column, details: `${was} once is ${is} twice` };
  }
  return undefined;
}

import fc from 'fast-check';
import { MAX_DEPTH } from '../../src/codec/json-body.ts';
import type { RecordNode } from '../../src/schema/ast.ts';
import type { SchemaSettings } from '../../src/schema/history.ts';
import { laidOut } from './json-text.ts';
import { KEY } from './key.ts';
import { smallestFirst } from './piece.ts';
import { Pieces, recordPiece } from './pieces.ts';
import { measure } from './reach.ts';

/** A body that the edge accepts. */
export interface BodySample {
  /** As a sender may write it, in any spelling that docs/json-mapping.md allows. */
  readonly text: string;
  /** The canonical value that decoding must give; compare by `isBack`. */
  readonly back: unknown;
  /** The same for avsc with `wrapUnions` and bigint longs (`avscType`); undefined where a default fills in. */
  readonly avro: unknown;
}

/** What a schema alone does not say. */
export interface BodyOptions {
  /** The field whose value is the event's id, as in `SchemaSettings`: it must look like one. */
  readonly eventId?: SchemaSettings['eventId'];
  /** What `back` and `avro` hash personal data with; `KEY` by default. */
  readonly piiKey?: Uint8Array;
}

/** A schema no value of which fits into a body, such as a record that holds itself without an end. */
export class NoBody extends Error {
  override readonly name = 'NoBody';
}

/**
 * Bodies of an event type that the edge accepts. Whatever fails shrinks to the shortest spelling of the smallest value of
 * that field, with all other fields minimal.
 *
 * @param options a `SchemaVersion`'s settings will do.
 * @throws NoBody
 */
export function bodiesOf(root: RecordNode, options: BodyOptions = {}): fc.Arbitrary<BodySample> {
  const { pieces, levels, isEndless } = piecesOf(root, options);
  const usual = fc
    .tuple(fc.tuple(...pieces.members(root, levels, 'ample', idsOf(options))), laidOut, edgeSpace, edgeSpace)
    .map(([members, layout, before, after]): BodySample => {
      const { text, back, avro } = recordPiece(members, layout);
      return { text: before + text + after, back, avro };
    });
  if (!isEndless || options.eventId !== undefined) return usual;
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 60, arbitrary: usual },
    { weight: 1, arbitrary: pieces.deepPieces(root, MAX_DEPTH) },
  );
}

/** Levels of records within themselves that a body has beside what it needs. */
const RECURSIONS = 4;

/** What makes the parts of a record's bodies. @throws NoBody */
export function piecesOf(
  root: RecordNode,
  { piiKey = KEY }: BodyOptions,
): { readonly pieces: Pieces; readonly levels: number; readonly isEndless: boolean } {
  const reach = measure(root);
  const least = reach.least(root);
  if (least > MAX_DEPTH) throw new NoBody(`${root.name}: no value of it nests ${MAX_DEPTH} levels at most`);
  const levels = Math.min(MAX_DEPTH, Math.max(least, reach.usual) + (reach.isRecursive ? RECURSIONS : 0));
  return { pieces: new Pieces(reach, levels, piiKey), levels, isEndless: reach.isEndless(root) };
}

/** The field that holds the event's id, and what may be in it: 1 to 128 characters that survive headers and URLs. */
export function idsOf({ eventId }: BodyOptions) {
  return eventId === undefined ? undefined : { name: eventId, values: eventIds };
}

const ID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:~-'.split('');
const eventIds = smallestFirst(
  'a',
  [1, fc.constantFrom('-', '..', '~', '~'.repeat(128), 'null', '0')],
  [6, fc.string({ unit: fc.constantFrom(...ID_CHARACTERS), minLength: 1, maxLength: 128 })],
);

const edgeSpace = smallestFirst('', [6, fc.constant('')], [1, fc.constantFrom(' ', '\n', '\r\n', '\t \n')]);

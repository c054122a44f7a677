import fc from 'fast-check';
import { keyedHash } from '../../src/codec/pii-hash.ts';
import {
  type ArrayNode,
  branchName,
  type Field,
  type MapNode,
  type Node,
  nullBranchOf,
  type RecordNode,
  type UnionNode,
} from '../../src/schema/ast.ts';
import { unionForm } from '../../src/schema/union-form.ts';
import { backOfDefault } from './held.ts';
import { mapKey } from './hostile-texts.ts';
import { arrayText, type LaidOut, laidOut, objectText, PLAIN } from './json-text.ts';
import { type Piece, type Room, smallestFirst } from './piece.ts';
import { type Reach, reachable, tagLevels } from './reach.ts';
import { enumPieces, scalarPieces, textPieces } from './scalars.ts';

/** A field's value, or that it is left out; `back` and `avro` are what comes of it. */
export interface Member extends Omit<Piece, 'text'> {
  readonly name: string;
  /** Undefined where the field is left out. */
  readonly text: string | undefined;
}

/** Makes values of any type within a schema. The same type at the same depth is made once: recursive schemas end. */
export class Pieces {
  readonly #reach: Reach;
  readonly #hash: (text: string) => string;
  /** Levels of JSON below the root. */
  readonly #levels: number;
  readonly #known = new Map<Node, Map<string, fc.Arbitrary<Piece>>>();

  constructor(reach: Reach, levels: number, piiKey: Uint8Array) {
    this.#reach = reach;
    this.#levels = levels;
    this.#hash = keyedHash(piiKey);
  }

  /** True where a value of a type fits into so many levels. */
  fits(node: Node, levels: number): boolean {
    return this.#reach.least(node) <= levels;
  }

  /** @param levels of JSON that are left, as many at least as the type needs. */
  pieces(node: Node, levels: number, room: Room = 'ample'): fc.Arbitrary<Piece> {
    return this.#once(node, `${levels} ${room}`, () => this.#make(node, levels, room));
  }

  #once(node: Node, place: string, make: () => fc.Arbitrary<Piece>): fc.Arbitrary<Piece> {
    const byPlace = this.#known.get(node) ?? new Map<string, fc.Arbitrary<Piece>>();
    this.#known.set(node, byPlace);
    const known = byPlace.get(place);
    if (known !== undefined) return known;
    const made = make();
    byPlace.set(place, made);
    return made;
  }

  #make(node: Node, levels: number, room: Room): fc.Arbitrary<Piece> {
    switch (node.kind) {
      case 'record':
        return fc
          .tuple(fc.tuple(...this.members(node, levels, room)), laidOut)
          .map(([members, layout]) => recordPiece(members, layout));
      case 'array':
        return this.#array(node, levels, room);
      case 'map':
        return this.#map(node, levels, room);
      case 'union':
        return this.#union(node, levels, room);
      case 'enum':
        return enumPieces(node);
      default:
        return scalarPieces(node, room);
    }
  }

  /** @param ids what is sent in the field of that name, where one holds the event's id. */
  members(
    record: RecordNode,
    levels: number,
    room: Room = 'ample',
    ids?: { readonly name: string; readonly values: fc.Arbitrary<string> },
  ): fc.Arbitrary<Member>[] {
    return record.fields.map((field) => {
      const values =
        ids?.name === field.name && field.node.kind === 'string' && field.node.logical === undefined
          ? textPieces(ids.values)
          : this.fits(field.node, levels - 1)
            ? this.pieces(field.node, levels - 1, room)
            : undefined;
      return this.#member(field, levels, values);
    });
  }

  /**
   * Values that nest as deep as the levels allow, along one way; what stands beside the way is small.
   *
   * @param node one that `isEndless`.
   */
  deepPieces(node: Node, levels: number): fc.Arbitrary<Piece> {
    return this.#once(node, `${levels} deep`, () => this.#makeDeep(node, levels));
  }

  #makeDeep(node: Node, levels: number): fc.Arbitrary<Piece> {
    switch (node.kind) {
      case 'record': {
        const ways = node.fields.flatMap(({ node: part }, at) => (this.#goesOn(part, levels - 1) ? [at] : []));
        if (ways.length === 0) break;
        return fc.oneof(
          ...ways.map((way) => {
            const members = node.fields.map((field, at) => {
              if (at === way) return this.#given(field, this.deepPieces(field.node, levels - 1));
              const few = Math.max(this.#reach.least(field.node), Math.min(levels - 1, 1));
              return this.#member(field, levels, few > levels - 1 ? undefined : this.pieces(field.node, few, 'scarce'));
            });
            return fc.tuple(...members).map((of) => recordPiece(of, PLAIN));
          }),
        );
      }
      case 'array':
        if (!this.#goesOn(node.items, levels - 1)) break;
        return this.deepPieces(node.items, levels - 1).map((item) => arrayPiece([item], PLAIN));
      case 'map':
        if (!this.#goesOn(node.values, levels - 1)) break;
        return fc.tuple(mapKey, this.deepPieces(node.values, levels - 1)).map((entry) => mapPiece([entry], PLAIN));
      case 'union': {
        const ways = node.branches.filter((branch) => this.#goesOn(branch, levels - tagLevels(node, branch)));
        if (ways.length === 0) break;
        return fc.oneof(
          ...ways.map((branch) =>
            this.deepPieces(branch, levels - tagLevels(node, branch)).map((of) => branchPiece(node, branch, of, PLAIN)),
          ),
        );
      }
    }
    return this.pieces(node, levels, 'scarce');
  }

  #goesOn(node: Node, levels: number): boolean {
    return this.#reach.isEndless(node) && this.fits(node, levels);
  }

  /**
   * @param levels of the record around; a default, too, stays within them where another value can.
   * @param values undefined where none fits, and the field must be left out.
   */
  #member(field: Field, levels: number, values: fc.Arbitrary<Piece> | undefined): fc.Arbitrary<Member> {
    const { name } = field;
    const given = values === undefined ? undefined : this.#given(field, values);
    if (field.default === undefined) return given!;
    const absent: Member = { name, text: undefined, ...(this.#dropped(field) ?? defaulted(field)) };
    if (given === undefined) return fc.constant(absent);
    return this.#reach.ofDefault(field) < levels ? smallestFirst(absent, [4, given]) : given;
  }

  #given(field: Field, values: fc.Arbitrary<Piece>): fc.Arbitrary<Member> {
    return values.map((piece) => ({ name: field.name, ...piece, ...this.#kept(field, piece) }));
  }

  /** What is kept of a value that was sent. */
  #kept(field: Field, piece: Piece): Omit<Piece, 'text'> {
    if (field.pii !== 'hash' || piece.back === null) return this.#dropped(field) ?? piece;
    const back = this.#hash(piece.back as string);
    return { back, avro: field.node.kind === 'union' ? { string: back } : back };
  }

  /** What takes the place of a value that is dropped; undefined where it is not. Null says least. */
  #dropped(field: Field): Omit<Piece, 'text'> | undefined {
    if (field.pii !== 'drop') return undefined;
    return nullBranchOf(field.node) === undefined ? defaulted(field) : { back: null, avro: null };
  }

  #array(node: ArrayNode, levels: number, room: Room): fc.Arbitrary<Piece> {
    const few = this.items(node, levels, room);
    const lists = this.#isSmall(node.items, room)
      ? smallestFirst<readonly Piece[]>(
          [],
          [150, few],
          [1, fc.array(this.pieces(node.items, levels - 1, 'scarce'), HUGE)],
        )
      : few;
    return fc.tuple(lists, laidOut).map(([items, layout]) => arrayPiece(items, layout));
  }

  #map(node: MapNode, levels: number, room: Room): fc.Arbitrary<Piece> {
    const few = this.entries(node, levels, room);
    const lists = this.#isSmall(node.values, room)
      ? smallestFirst<readonly Entry[]>(
          [],
          [150, few],
          // Numbered keys: to draw hundreds until all are different would take its time.
          [1, fc.array(this.pieces(node.values, levels - 1, 'scarce'), HUGE).map((values) => values.map(numbered))],
        )
      : few;
    return fc.tuple(lists, laidOut).map(([entries, layout]) => mapPiece(entries, layout));
  }

  /** A few items, none where there is no level left for one. */
  items({ items }: ArrayNode, levels: number, room: Room = 'ample'): fc.Arbitrary<readonly Piece[]> {
    if (!this.fits(items, levels - 1)) return fc.constant([]);
    return fc.array(this.pieces(items, levels - 1, room), { maxLength: this.#few(levels), size: 'max' });
  }

  /** A few entries of different keys. */
  entries({ values }: MapNode, levels: number, room: Room = 'ample'): fc.Arbitrary<readonly Entry[]> {
    if (!this.fits(values, levels - 1)) return fc.constant([]);
    return fc.uniqueArray(fc.tuple(mapKey, this.pieces(values, levels - 1, room)), {
      maxLength: this.#few(levels),
      size: 'max',
      selector: ([key]) => key,
    });
  }

  /** The deeper the fewer, so that values that hold each other stay small. */
  #few(levels: number): number {
    const depth = this.#levels - levels;
    return depth < 3 ? 4 : depth < 6 ? 2 : 1;
  }

  /** True for what may stand there by the hundred. */
  #isSmall(node: Node, room: Room): boolean {
    return room === 'ample' && this.#reach.least(node) === 0 && sizeOf(node) <= 8;
  }

  #union(union: UnionNode, levels: number, room: Room): fc.Arbitrary<Piece> {
    const fitting = union.branches.filter((branch) => this.fits(branch, levels - tagLevels(union, branch)));
    // Null is smallest, then what needs the fewest levels.
    const rank = (node: Node) => (node.kind === 'null' ? -1 : this.#reach.least(node));
    const branches = fitting
      .toSorted((a, b) => rank(a) - rank(b))
      .map((branch) => {
        const pieces = this.pieces(branch, levels - tagLevels(union, branch), room);
        return fc.tuple(pieces, laidOut).map(([piece, layout]) => branchPiece(union, branch, piece, layout));
      });
    return fc.oneof(
      { withCrossShrink: true },
      ...branches.map((arbitrary, index) => ({ arbitrary, weight: index === 0 && branches.length > 1 ? 1 : 2 })),
    );
  }
}

/** A key and its value. */
export type Entry = readonly [key: string, value: Piece];

/** By the hundred. */
const HUGE = { minLength: 100, maxLength: 400, size: 'max' } as const;

const numbered = (value: Piece, index: number): Entry => [String(index * 7), value];

/** Types within a type; a record that holds itself counts as one. */
function sizeOf(node: Node): number {
  return reachable(node).length;
}

/** What a field is taken to be that was left out. */
function defaulted({ node, default: written }: Field): Omit<Piece, 'text'> {
  return { back: backOfDefault(node, written), avro: undefined };
}

/** A record's text and values from those of its fields. */
export function recordPiece(members: readonly Member[], layout: LaidOut): Piece {
  const sent = members.flatMap(({ name, text }): [string, string][] => (text === undefined ? [] : [[name, text]]));
  return {
    text: objectText(sent, layout),
    back: Object.fromEntries(members.map(({ name, back }) => [name, back])),
    // Own members for all fields: avsc would take Object's `constructor` for a field of that name.
    avro: Object.assign(Object.create(null), Object.fromEntries(members.map(({ name, avro }) => [name, avro]))),
  };
}

function arrayPiece(items: readonly Piece[], layout: LaidOut): Piece {
  return {
    text: arrayText(
      items.map(({ text }) => text),
      layout,
    ),
    back: items.map(({ back }) => back),
    avro: items.map(({ avro }) => avro),
  };
}

function mapPiece(entries: readonly Entry[], layout: LaidOut): Piece {
  return {
    text: objectText(
      entries.map(([key, { text }]) => [key, text]),
      // Avro keeps the order of a map, so `avro` must have that of the text.
      { ...layout, order: 0 },
    ),
    back: Object.fromEntries(entries.map(([key, { back }]) => [key, back])),
    avro: Object.fromEntries(entries.map(([key, { avro }]) => [key, avro])),
  };
}

function branchPiece(union: UnionNode, branch: Node, { text, back, avro }: Piece, layout: LaidOut): Piece {
  if (branch.kind === 'null') return { text, back: null, avro: null };
  const tag = branchName(branch);
  const held = { [tag]: avro };
  if (unionForm(union) === 'plain') return { text, back, avro: held };
  return { text: objectText([[tag, text]], layout), back: { [tag]: back }, avro: held };
}

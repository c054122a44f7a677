import fc from 'fast-check';
import type { EnumNode } from '../../src/schema/ast.ts';
import { backOf, type Held, type Scalar } from './held.ts';
import { longText, text } from './hostile-texts.ts';
import { dates, instants, timesOfDay } from './instants.ts';
import { timeDigits } from './iso-text.ts';
import { escapes, quoted } from './json-text.ts';
import { decimals, doubles, floats, ints, longs } from './numbers.ts';
import { type Piece, type Room, smallestFirst, spelled, type Written, way } from './piece.ts';
import { uuidSpelling } from './spellings.ts';

/** Values of a scalar in all accepted spellings, leaning towards the limits of its type. */
export function scalarPieces(node: Scalar, room: Room): fc.Arbitrary<Piece> {
  return writtenValues(node, room).map(({ held, text }) => ({ text, back: backOf(node, held), avro: held }));
}

export function enumPieces({ symbols }: EnumNode): fc.Arbitrary<Piece> {
  return textPieces(fc.constantFrom(...symbols));
}

/** Texts as string values, here and there with escapes that need not be. */
export function textPieces(values: fc.Arbitrary<string>): fc.Arbitrary<Piece> {
  return writtenTexts(values).map(({ held, text }) => ({ text, back: held, avro: held }));
}

/** Text of a string field. */
export function texts(room: Room): fc.Arbitrary<string> {
  return room === 'scarce' ? text : smallestFirst('', [200, text], [1, longText]);
}

function writtenTexts(values: fc.Arbitrary<string>): fc.Arbitrary<Written> {
  return fc.tuple(values, escapes).map(([held, how]) => ({ held, text: quoted(held, how) }));
}

function writtenValues(node: Scalar, room: Room): fc.Arbitrary<Written> {
  const logical = node.logical;
  if (logical === undefined) return plainValues(node, room);
  const size = node.kind === 'fixed' ? node.size : undefined;
  const canonical = (held: Held): string => String(backOf(node, held));
  switch (logical.type) {
    case 'decimal':
      return decimals(logical.precision, size, canonical);
    case 'uuid':
      return size === undefined ? uuidTexts : uuidBytes;
    case 'duration':
      return base64(bytes(12, 12));
    case 'date':
      return dates(canonical);
    case 'time-millis':
    case 'time-micros':
      return timesOfDay(timeDigits(logical.type));
    default:
      return instants(timeDigits(logical.type), !logical.type.startsWith('local-'));
  }
}

function plainValues(node: Scalar, room: Room): fc.Arbitrary<Written> {
  switch (node.kind) {
    case 'null':
      return fc.constant({ held: null, text: 'null' });
    case 'boolean':
      return fc.boolean().map((held) => ({ held, text: String(held) }));
    case 'int':
      return ints;
    case 'long':
      return longs;
    case 'float':
      return floats;
    case 'double':
      return doubles;
    case 'string':
      return writtenTexts(texts(room));
    case 'bytes':
      return base64(
        room === 'scarce' ? bytes(0, 40) : smallestFirst(Buffer.alloc(0), [200, bytes(0, 40)], [1, longBytes]),
      );
    case 'fixed':
      return base64(bytes(node.size, node.size));
  }
}

const BYTE_EDGES = [0x00, 0xff, 0x0a, 0x0d, 0x1b, 0x22, 0x2c, 0x5c, 0x7f, 0x80];

function bytes(minLength: number, maxLength: number): fc.Arbitrary<Buffer> {
  const sizes = { minLength, maxLength, size: 'max' } as const;
  return fc
    .oneof(fc.uint8Array(sizes), fc.array(fc.constantFrom(...BYTE_EDGES), sizes))
    .map((array) => Buffer.from(array));
}

const longBytes = fc
  .tuple(fc.constantFrom(...BYTE_EDGES), fc.integer({ min: 8_000, max: 30_000 }))
  .map(([byte, length]) => Buffer.alloc(length, byte));

/** The one spelling that is taken: standard base64, padded. */
function base64(values: fc.Arbitrary<Buffer>): fc.Arbitrary<Written> {
  return values.map((held) => ({ held, text: `"${held.toString('base64')}"` }));
}

const NIL = '00000000-0000-0000-0000-000000000000';
const uuids = smallestFirst(NIL, [1, fc.constant(NIL.replaceAll('0', 'f'))], [6, fc.uuid()]);

/** As text a UUID keeps its letter case, so the spelling is the value. */
const uuidTexts = fc.tuple(uuids, way).map(([uuid, picked]): Written => {
  const held = uuidSpelling(uuid, picked);
  return { held, text: `"${held}"` };
});

const uuidBytes = spelled(
  uuids.map((uuid) => Buffer.from(uuid.replaceAll('-', ''), 'hex')),
  (held, picked) => {
    const hex = held.toString('hex');
    return `"${uuidSpelling(hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), picked)}"`;
  },
);

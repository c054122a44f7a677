import { branchName, type FixedNode, type Node, type PrimitiveNode } from '../../src/schema/ast.ts';
import { unionForm } from '../../src/schema/union-form.ts';
import { Float32 } from './back.ts';
import { isoTime, isoTimestamp, timeDigits } from './iso-text.ts';

/**
 * What decoding must give for a value, told from the value as Avro holds it. It is written a second time here on purpose,
 * without anything of src/codec: a law that asked the codec what to expect of it would hold whatever the codec did.
 */

/** A type without parts, but for enums. */
export type Scalar = PrimitiveNode | FixedNode;

/** A scalar as Avro holds it: longs as bigint, bytes and fixed as Buffer. */
export type Held = null | boolean | number | bigint | string | Buffer;

/** The edge's canonical value of a scalar. */
export function backOf(node: Scalar, held: Held): unknown {
  const logical = node.logical;
  if (logical === undefined) return plainBack(node, held);
  switch (logical.type) {
    case 'decimal':
      return decimalText(fromBigEndian(held as Buffer), logical.scale);
    case 'uuid':
      return typeof held === 'string' ? held : uuidText(held as Buffer);
    case 'duration':
      return (held as Buffer).toString('base64');
    case 'date':
      return new Date(Number(held) * 86_400_000).toISOString().slice(0, 10);
    case 'time-millis':
    case 'time-micros':
      return isoTime(BigInt(held as bigint), timeDigits(logical.type));
    default:
      return isoTimestamp(held as bigint, timeDigits(logical.type)) + (logical.type.startsWith('local-') ? '' : 'Z');
  }
}

function plainBack(node: Scalar, held: Held): unknown {
  switch (node.kind) {
    case 'long': {
      const number = Number(held);
      return Number.isSafeInteger(number) ? number : String(held);
    }
    case 'float':
      return Number.isFinite(held) ? new Float32(held as number) : String(held);
    case 'double':
      return Number.isFinite(held) ? held : String(held);
    case 'bytes':
    case 'fixed':
      return (held as Buffer).toString('base64');
    default:
      return held;
  }
}

/**
 * The edge's canonical value of a default, which a schema writes in Avro's own JSON.
 * Source: Apache Avro 1.12 specification, "Complex Types", table "field default values".
 */
export function backOfDefault(node: Node, written: unknown): unknown {
  switch (node.kind) {
    case 'record':
      return Object.fromEntries(
        node.fields.map((field) => {
          const members = written as Record<string, unknown>;
          const given = Object.hasOwn(members, field.name) ? members[field.name] : field.default;
          return [field.name, backOfDefault(field.node, given)];
        }),
      );
    case 'array':
      return (written as unknown[]).map((item) => backOfDefault(node.items, item));
    case 'map':
      return Object.fromEntries(
        Object.entries(written as object).map(([key, item]) => [key, backOfDefault(node.values, item)]),
      );
    case 'union': {
      const first = node.branches[0]!;
      const back = backOfDefault(first, written);
      return first.kind === 'null' || unionForm(node) === 'plain' ? back : { [branchName(first)]: back };
    }
    case 'enum':
      return written;
    case 'bytes':
    case 'fixed':
      return backOf(node, Buffer.from(written as string, 'latin1'));
    case 'long':
      return backOf(node, BigInt(written as number));
    case 'float':
      return backOf(node, Math.fround(written as number));
    default:
      return backOf(node, written as Held);
  }
}

/** Two's complement, the way BigInteger.toByteArray writes it: byte by byte until only the sign is left. */
export function bigEndian(value: bigint, size?: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(Number(rest & 0xffn));
    rest >>= 8n;
  } while (!(rest === 0n && bytes[0]! < 0x80) && !(rest === -1n && bytes[0]! >= 0x80));
  const fill = Buffer.alloc(Math.max(0, (size ?? 0) - bytes.length), value < 0n ? 0xff : 0);
  return Buffer.concat([fill, Buffer.from(bytes)]);
}

function fromBigEndian(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const sign = unscaled < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

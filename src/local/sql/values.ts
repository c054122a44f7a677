import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionType,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';
import { floatText } from '../../codec/decode.ts';

/** What JSON can hold. A 64- or 128-bit integer is a number where that is exact, else a string of digits. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/**
 * A DuckDB value as JSON, without loss: decimals as text with their full scale; NaN and the infinities as text; DATE
 * `yyyy-MM-dd`; TIMESTAMP `yyyy-MM-dd HH:mm:ss.SSS`, with six digits where it has microseconds and nine for
 * TIMESTAMP_NS; TIME as DuckDB writes it; BLOB base64; lists as arrays, structs and maps as objects.
 */
export function jsonValue(value: DuckDBValue, type: DuckDBType | undefined): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value.toString();
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return String(value);
    // The binary digits of a 32-bit float are not what was sent: 0.1 would read 0.10000000149011612.
    return type?.typeId === DuckDBTypeId.FLOAT ? Number(floatText(value)) : value;
  }
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64');
  if (value instanceof DuckDBTimestampNanosecondsValue) return withFraction(value.toString(), () => 9);
  if (value instanceof DuckDBTimestampTZValue) return timestampText(value.micros) + (value.isFinite ? '+00' : '');
  if (value instanceof DuckDBTimestampValue) return timestampText(value.micros);
  if (value instanceof DuckDBTimestampMillisecondsValue) return withFraction(value.toString(), () => 3);
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const item = type instanceof DuckDBListType || type instanceof DuckDBArrayType ? type.valueType : undefined;
    return value.items.map((member) => jsonValue(member, item));
  }
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(
      Object.entries(value.entries).map(([name, member]) => [
        name,
        jsonValue(member, type instanceof DuckDBStructType ? type.typeForEntry(name) : undefined),
      ]),
    );
  }
  if (value instanceof DuckDBMapValue) {
    const map = type instanceof DuckDBMapType ? type : undefined;
    return Object.fromEntries(
      value.entries.map(({ key, value: member }) => [
        keyText(jsonValue(key, map?.keyType)),
        jsonValue(member, map?.valueType),
      ]),
    );
  }
  if (value instanceof DuckDBUnionValue) {
    return jsonValue(value.value, type instanceof DuckDBUnionType ? type.memberTypeForTag(value.tag) : undefined);
  }
  if (value instanceof DuckDBVariantValue) return jsonValue(value.value, undefined);
  return value.toString();
}

function keyText(key: JsonValue): string {
  return typeof key === 'string' ? key : JSON.stringify(key);
}

function timestampText(micros: bigint): string {
  return withFraction(new DuckDBTimestampValue(micros).toString(), (digits) => (digits > 3 ? 6 : 3));
}

/** DuckDB's text leaves out the zeros at a fraction's end; columns read better with a fixed width. */
function withFraction(text: string, widthOf: (digits: number) => number): string {
  return text.replace(
    /(:\d\d:\d\d)(?:\.(\d+))?/,
    (_match, time: string, fraction = '') => `${time}.${fraction.padEnd(widthOf(fraction.length), '0')}`,
  );
}

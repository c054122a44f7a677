import { isUtf8 } from 'node:buffer';
import { SluiceError } from '../errors.ts';
import { MAX_DEPTH as MAX_BODY_DEPTH } from './json-body.ts';

/**
 * Records within records that are read at most: as many as a body may nest, and room for what the defaults of fields add
 * that a body leaves out. Data of others may go on for ever, and the stack does not.
 */
const MAX_RECORD_DEPTH = 4 * MAX_BODY_DEPTH;

/**
 * Reads one value of Avro's binary encoding with every length checked: any bytes give a value or SLUICE_AVRO_DATA. Once
 * that was thrown, the source is of no more use.
 */
export class AvroSource {
  readonly #bytes: Buffer;
  #position: number;
  #depth = 0;
  #emptyItems = 0;

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** @throws SluiceError SLUICE_AVRO_DATA when bytes are left over: then the writer schema is another one. */
  expectEnd(): void {
    if (this.remaining > 0) throw dataError(`${this.remaining} bytes are left over`);
  }

  byte(): number {
    if (this.#position >= this.#bytes.length) throw truncated();
    return this.#bytes[this.#position++]!;
  }

  /** A 64-bit integer: a number where that is exact, else a bigint. */
  long(): number | bigint {
    let byte = this.byte();
    let low = byte & 0x7f;
    // Four groups of seven bits fit into an int32; most longs end there.
    for (let shift = 7; byte & 0x80; shift += 7) {
      if (shift === 28) return this.#longTail(low);
      byte = this.byte();
      low |= (byte & 0x7f) << shift;
    }
    return (low >>> 1) ^ -(low & 1);
  }

  #longTail(low: number): number | bigint {
    let value = BigInt(low);
    let shift = 28n;
    for (;;) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) break;
      shift += 7n;
      if (shift > 63n) throw dataError('a varint is longer than 10 bytes');
    }
    if (value > MAX_UNSIGNED) throw dataError('a varint is longer than 64 bits');
    const signed = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    return signed >= BigInt(Number.MIN_SAFE_INTEGER) && signed <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(signed)
      : signed;
  }

  /** A 32-bit integer. */
  int(): number {
    const value = this.long();
    if (typeof value === 'bigint' || value > 0x7fffffff || value < -0x80000000) {
      throw dataError('a number is no 32-bit integer');
    }
    return value;
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#advance(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw dataError(`0x${byte.toString(16)} is no boolean`);
    return byte === 1;
  }

  /** A view of `length` bytes. */
  take(length: number): Buffer {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A view of length-prefixed bytes. */
  lengthAndBytes(): Buffer {
    return this.take(this.#length());
  }

  text(): string {
    const length = this.#length();
    const start = this.#advance(length);
    if (length < 24) {
      let text = '';
      let i = start;
      for (const end = start + length; i < end; i += 1) {
        const byte = this.#bytes[i]!;
        if (byte > 0x7f) break;
        text += String.fromCharCode(byte);
      }
      if (i === start + length) return text;
    }
    const bytes = this.#bytes.subarray(start, start + length);
    if (!isUtf8(bytes)) throw dataError('a string is not UTF-8');
    return bytes.toString('utf8');
  }

  /** An index below `count`, of a union's branch or an enum's symbol. */
  index(count: number, what: string): number {
    const index = this.long();
    if (typeof index === 'bigint' || index < 0 || index >= count) throw dataError(`there is no ${what} ${index}`);
    return index;
  }

  /**
   * Calls `item` for every item of an array's or a map's blocks. Where a count claims more items than there are, those
   * that take bytes end with the data, and those that take none at MAX_EMPTY_ITEMS.
   */
  blocks(item: () => void): void {
    for (;;) {
      let count = this.long();
      if (count === 0) return;
      if (count < 0) {
        count = -count;
        // The size of the block in bytes, for readers that skip it.
        this.long();
      }
      for (let i = 0; i < count; i += 1) {
        const before = this.#position;
        item();
        if (this.#position === before) {
          this.#emptyItems += 1;
          if (this.#emptyItems > MAX_EMPTY_ITEMS) throw dataError(`more than ${MAX_EMPTY_ITEMS} items without bytes`);
        }
      }
    }
  }

  /**
   * Called before a record is read, and `leave` after it. A recursive schema lets a value nest as deep as its bytes
   * allow.
   *
   * @throws SluiceError SLUICE_AVRO_DATA beyond MAX_RECORD_DEPTH.
   */
  enter(): void {
    this.#depth += 1;
    if (this.#depth > MAX_RECORD_DEPTH) throw dataError(`records nest more than ${MAX_RECORD_DEPTH} levels deep`);
  }

  leave(): void {
    this.#depth -= 1;
  }

  #length(): number {
    const length = this.long();
    if (typeof length === 'bigint' || length < 0) throw dataError(`${length} is no length`);
    return length;
  }

  #advance(bytes: number): number {
    const start = this.#position;
    if (bytes > this.#bytes.length - start) throw truncated();
    this.#position = start + bytes;
    return start;
  }
}

const MAX_UNSIGNED = 2n ** 64n - 1n;

/**
 * Items of type null, or empty records, take no bytes: without a bound, over all arrays of a value, ten bytes could ask
 * for 2^63 of them. A body of 1 MiB can hold 350,000.
 */
const MAX_EMPTY_ITEMS = 1_000_000;

/** A SLUICE_AVRO_DATA error; who reads a record adds the path. */
export function dataError(reason: string): SluiceError {
  return new SluiceError('SLUICE_AVRO_DATA', reason);
}

function truncated(): SluiceError {
  return dataError('the data ends in the middle of a value');
}

/** A growing buffer that Avro's binary encoding is written into; reused from one event to the next. */
export class AvroSink {
  #buffer: Buffer = Buffer.allocUnsafeSlow(4096);
  position = 0;

  /** Where `bytes` more may be written; grows the buffer as needed. */
  reserve(bytes: number): Buffer {
    if (this.position + bytes > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.position + bytes));
      this.#buffer.copy(grown, 0, 0, this.position);
      this.#buffer = grown;
    }
    return this.#buffer;
  }

  /** A copy of what was written from `start` on. */
  copyFrom(start: number): Buffer {
    return Buffer.from(this.#buffer.subarray(start, this.position));
  }

  byte(value: number): void {
    this.reserve(1)[this.position++] = value;
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length).set(value, this.position);
    this.position += value.length;
  }

  /** A zigzag varint of a safe integer. */
  long(value: number): void {
    // Zigzag doubles a value; that of an int32 still fits the unsigned 32 bits of JavaScript's operators.
    if (value < -0x80000000 || value > 0x7fffffff) {
      this.bigLong(BigInt(value));
      return;
    }
    const buffer = this.reserve(5);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      buffer[this.position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[this.position++] = rest;
  }

  /** A zigzag varint of a 64-bit integer. */
  bigLong(value: bigint): void {
    const buffer = this.reserve(10);
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest > 0x7fn) {
      buffer[this.position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    buffer[this.position++] = Number(rest);
  }

  float(value: number): void {
    this.position = this.reserve(4).writeFloatLE(value, this.position);
  }

  double(value: number): void {
    this.position = this.reserve(8).writeDoubleLE(value, this.position);
  }

  /** Length and UTF-8 bytes of well-formed text. */
  text(value: string): void {
    const length = value.length;
    if (length < 32) {
      // Below some thirty characters a loop beats the call into the runtime; it gives up at the first non-ASCII one.
      const buffer = this.reserve(length + 1);
      const start = this.position;
      let i = 0;
      for (; i < length; i += 1) {
        const unit = value.charCodeAt(i);
        if (unit > 0x7f) break;
        buffer[start + 1 + i] = unit;
      }
      if (i === length) {
        buffer[start] = length << 1;
        this.position = start + 1 + length;
        return;
      }
    }
    const bytes = Buffer.byteLength(value);
    this.long(bytes);
    this.reserve(bytes).write(value, this.position, 'utf8');
    this.position += bytes;
  }

  lengthAndBytes(value: Uint8Array): void {
    this.long(value.length);
    this.bytes(value);
  }
}

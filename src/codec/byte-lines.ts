/** Lines of UTF-8 text gathered in one growing buffer, which is reused from batch to batch. */
export class ByteLines {
  #buffer: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #position = 0;
  #ends: number[] = [];

  reset(): this {
    this.#position = 0;
    this.#ends = [];
    // One batch of giants must not hold its memory for good.
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(KEPT_BYTES);
    return this;
  }

  /** Appends a line and its LF. @returns false, and appends nothing, where the line has more than `limit` bytes. */
  append(line: string, limit = Number.POSITIVE_INFINITY): boolean {
    // UTF-8 takes three bytes at most for a UTF-16 unit: enough room without measuring first.
    const room = line.length * 3 + 1;
    if (this.#position + room > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#position + room));
      this.#buffer.copy(grown, 0, 0, this.#position);
      this.#buffer = grown;
    }
    const bytes = this.#buffer.write(line, this.#position, 'utf8');
    if (bytes >= limit) return false;
    this.#position += bytes;
    this.#buffer[this.#position++] = 0x0a;
    this.#ends.push(this.#position);
    return true;
  }

  /** A copy of all lines. */
  bytes(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.#position));
  }

  /** Where each line ends, its LF included. */
  ends(): readonly number[] {
    return this.#ends;
  }
}

const KEPT_BYTES = 4 * 1024 * 1024;

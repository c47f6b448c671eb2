/**
 * Rolling hash over everything that happens: two 32-bit lanes in the manner of MurmurHash3. It compares runs and is not
 * cryptographic.
 */
export class TraceHash {
  #left: number = 0x9e3779b9 | 0;
  #right: number = 0x7f4a7c15 | 0;

  /** Adds a whole number. Beyond 32 bits, its upper part is added too. */
  number(value: number): void {
    this.#word(value | 0);
    if (value > 0xffffffff || value < -0x80000000) this.#word(Math.floor(value / 2 ** 32) | 0);
  }

  /** Adds bytes and their number. */
  bytes(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#word(length);
    const whole = length - (length % 4);
    for (let at = 0; at < whole; at += 4) {
      // In range: `at + 3 < whole <= length`.
      this.#word(
        (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
      );
    }
    for (let at = whole; at < length; at += 1) this.#word(bytes[at] ?? 0);
  }

  /** Returns the hash as 16 hexadecimal digits. */
  hex(): string {
    return `${word(finish(this.#left ^ this.#right))}${word(finish((this.#right + Math.imul(this.#left, 5)) | 0))}`;
  }

  #word(value: number): void {
    const left = this.#left ^ Math.imul(value, 0xcc9e2d51);
    this.#left = (Math.imul((left << 13) | (left >>> 19), 5) + 0xe6546b64) | 0;
    const right = this.#right ^ Math.imul(value, 0x1b873593);
    this.#right = (Math.imul((right << 15) | (right >>> 17), 0x85ebca6b) + this.#left) | 0;
  }
}

function finish(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function word(value: number): string {
  return (value >>> 0).toString(16).padStart(8, "0");
}

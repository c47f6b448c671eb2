/** What a scan allows. */
interface ScanLimits {
  readonly depth: number;
  readonly items: number;
}

const KEYS_REFUSED = ["__proto__", "constructor", "prototype"];
const strict = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads MessagePack (its specification, "Formats") without building anything, to see whether it is one plain value: no
 * extension types, no keys but strings, bounded depth and number, and not a byte more.
 */
export class PlainScan {
  /** Keys of all objects, once the scan is done. */
  keys = 0;
  readonly #bytes: Uint8Array;
  readonly #limits: ScanLimits;
  #at = 0;
  #items = 0;
  #fault: string | undefined;

  constructor(bytes: Uint8Array, limits: ScanLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
  }

  /** What is wrong with the bytes, if anything is. */
  fault(): string | undefined {
    if (this.#value(0) && this.#at !== this.#bytes.length) this.#fail(`${this.#bytes.length - this.#at} bytes behind it`);
    return this.#fault;
  }

  #value(depth: number): boolean {
    const token = this.#bytes[this.#at];
    if (token === undefined) return this.#fail("one that is cut off");
    this.#items += 1;
    if (this.#items > this.#limits.items) return this.#fail(`more than ${this.#limits.items} items`);
    this.#at += 1;
    if (token <= 0x7f || token >= 0xe0) return true; // small integers
    if (token <= 0x8f) return this.#parts(token & 0xf, true, depth);
    if (token <= 0x9f) return this.#parts(token & 0xf, false, depth);
    if (token <= 0xbf) return this.#text(token & 0x1f);
    const layout = LAYOUTS[token];
    if (layout === undefined) return this.#fail(`an extension (0x${token.toString(16)})`);
    const { kind, bytes } = layout;
    if (kind === "fixed") return this.#skip(bytes);
    const length = this.#length(bytes);
    if (length === undefined) return false;
    if (kind === "bytes") return this.#skip(length);
    if (kind === "text") return this.#text(length);
    return this.#parts(length, kind === "map", depth);
  }

  #parts(count: number, isMap: boolean, depth: number): boolean {
    if (depth >= this.#limits.depth) return this.#fail(`more than ${this.#limits.depth} levels`);
    for (let index = 0; index < count; index += 1) {
      if (isMap && !this.#key(depth + 1)) return false;
      if (!this.#value(depth + 1)) return false;
    }
    return true;
  }

  #key(depth: number): boolean {
    const token = this.#bytes[this.#at] ?? 0;
    const isText = (token >= 0xa0 && token <= 0xbf) || (token >= 0xd9 && token <= 0xdb);
    if (!isText) return this.#fail("a key that is no string");
    this.keys += 1;
    const start = this.#at;
    if (!this.#value(depth)) return false;
    const end = this.#at;
    const refused = KEYS_REFUSED.find((name) => this.#ends(start, end, name));
    return refused === undefined || this.#fail(`the key ${refused}`);
  }

  /** Whether the string between two places is `name`, whatever the form of its length. */
  #ends(start: number, end: number, name: string): boolean {
    const from = end - name.length;
    if (from <= start || from - start > 5) return false;
    // The bytes in between are its length and nothing else: it could begin with other characters only if it were longer.
    if (this.#textStart(start) !== from) return false;
    for (let index = 0; index < name.length; index += 1) {
      if (this.#bytes[from + index] !== name.charCodeAt(index)) return false;
    }
    return true;
  }

  #textStart(start: number): number {
    const layout = LAYOUTS[this.#bytes[start] ?? 0];
    return start + 1 + (layout?.bytes ?? 0);
  }

  #length(lengthBytes: number): number | undefined {
    let length = 0;
    for (let index = 0; index < lengthBytes; index += 1) length = length * 256 + (this.#bytes[this.#at + index] ?? 0);
    return this.#skip(lengthBytes) ? length : undefined;
  }

  #text(length: number): boolean {
    const start = this.#at;
    if (!this.#skip(length)) return false;
    for (let at = start; at < this.#at; at += 1) {
      if ((this.#bytes[at] ?? 0) < 0x80) continue;
      try {
        strict.decode(this.#bytes.subarray(start, this.#at));
        return true;
      } catch {
        return this.#fail("a string that is no UTF-8");
      }
    }
    return true;
  }

  #skip(length: number): boolean {
    this.#at += length;
    return this.#at <= this.#bytes.length || this.#fail("one that is cut off");
  }

  #fail(fault: string): false {
    this.#fault ??= fault;
    return false;
  }
}

interface Layout {
  readonly kind: "fixed" | "bytes" | "text" | "array" | "map";
  /** Bytes of the body of a fixed one, else of the length. */
  readonly bytes: number;
}

/** Tokens from 0xc0 on. What is missing is unused, or an extension. */
const LAYOUTS: Readonly<Record<number, Layout>> = Object.fromEntries(
  (
    [
      ["fixed", 0, [0xc0, 0xc2, 0xc3]], // nil, false, true
      ["fixed", 1, [0xcc, 0xd0]], // uint, int
      ["fixed", 2, [0xcd, 0xd1]],
      ["fixed", 4, [0xce, 0xd2, 0xca]], // and floats
      ["fixed", 8, [0xcf, 0xd3, 0xcb]],
      ["bytes", 1, [0xc4]],
      ["bytes", 2, [0xc5]],
      ["bytes", 4, [0xc6]],
      ["text", 1, [0xd9]],
      ["text", 2, [0xda]],
      ["text", 4, [0xdb]],
      ["array", 2, [0xdc]],
      ["array", 4, [0xdd]],
      ["map", 2, [0xde]],
      ["map", 4, [0xdf]],
    ] as const
  ).flatMap(([kind, bytes, tokens]) => tokens.map((token) => [token, { kind, bytes }])),
);

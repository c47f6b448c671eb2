/**
 * Reads commands of the Redis serialization protocol from a byte stream. Ours, because the parsers on npm wait without
 * a limit for whatever length a peer announces, and fail on inline commands.
 *
 * A command is an array of bulk strings (`*2\r\n$3\r\nGET\r\n$1\r\nx\r\n`), or one line of words (`GET x\r\n`). A length
 * beyond its limit is refused when it is announced, before a byte of it is kept, so that what one connection can hold
 * is bounded by {@link RespLimits}. Up to `skippedBytesMax` such a command is read past, and the stream goes on.
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ and, for quotes in inline commands and for the
 * texts of errors, what Redis 7 answers.
 */

/** What one command may hold. */
export interface RespLimits {
  /** Words in a command, its name included. */
  readonly argumentsMax: number;
  /** Bytes of one word. */
  readonly bulkBytesMax: number;
  /** Bytes of all words of a command together. */
  readonly commandBytesMax: number;
  /** Announced bytes of a command that is too large, up to which they are read past so that the connection goes on. */
  readonly skippedBytesMax: number;
}

/** What a client that has shown no capability may send: enough for a token, as in Redis. */
export const RESP_LIMITS_UNAUTHENTICATED: RespLimits = { argumentsMax: 10, bulkBytesMax: 16_384, commandBytesMax: 65_536, skippedBytesMax: 0 };
/** What any other client may send. */
export const RESP_LIMITS: RespLimits = { argumentsMax: 8_192, bulkBytesMax: 524_288, commandBytesMax: 917_504, skippedBytesMax: 67_108_864 };
/** Longest line: an inline command, or the digits of a length. */
export const RESP_LINE_BYTES_MAX = 65_536;
const LENGTH_LINE_BYTES_MAX = 32;
const BUFFER_BYTES_MIN = 4_096;
/** A larger buffer is let go once it is empty: most clients that sent something large once do not go on with it. */
const BUFFER_BYTES_KEPT = 65_536;

/** Finding of the reader: a command, one that is too large, nothing whole yet, or a malformed stream, which must be closed. */
export type RespRead =
  | { readonly type: "command"; readonly words: readonly Uint8Array[] }
  | { readonly type: "too large"; readonly reason: string }
  | { readonly type: "incomplete" }
  | { readonly type: "error"; readonly reason: string };

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;
const INCOMPLETE: RespRead = { type: "incomplete" };

/**
 * An incremental reader: bytes in by `push`, commands out by `next` until it says `incomplete`. After an `error` it
 * answers with the same error for ever: the stream has lost its frame.
 *
 * @example
 * ```ts
 * import { RespReader } from "@void-system/system";
 * const reader = new RespReader();
 * reader.push(new TextEncoder().encode("PING\r\n"));
 * const read = reader.next();
 * read.type; // => "command"
 * ```
 */
export class RespReader {
  /** Raised to {@link RESP_LIMITS} once the client has shown a capability. */
  limits: RespLimits = RESP_LIMITS_UNAUTHENTICATED;
  #buffer: Uint8Array = new Uint8Array(0);
  /** The unread bytes stand from `#start` up to `#end`. */
  #start = 0;
  #end = 0;
  /** Words that the command under way still lacks; 0 between commands. */
  #missing = 0;
  #words: Uint8Array[] = [];
  #wordBytes = 0;
  /** Bytes of the word under way that are not read yet, or -1 between words. */
  #bulkBytes = -1;
  /** The reason why the command under way is read past and not kept. */
  #excess: string | undefined;
  #skippedBytes = 0;
  #failure: RespRead | undefined;

  /** Takes in bytes from the socket; they may be reused by the caller afterwards. */
  push(bytes: Uint8Array): void {
    if (this.#failure) return;
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #letGo(): void {
    if (this.#start < this.#end || this.#buffer.length <= BUFFER_BYTES_KEPT) return;
    this.#buffer = new Uint8Array(0);
    this.#start = 0;
    this.#end = 0;
  }

  /** Makes room by moving or doubling, so that many small pushes cost no more than one large one. */
  #reserve(length: number): void {
    const unread = this.#end - this.#start;
    if (this.#end + length <= this.#buffer.length) return;
    const source = this.#buffer.subarray(this.#start, this.#end);
    if ((unread + length) * 2 > this.#buffer.length) this.#buffer = new Uint8Array(Math.max(BUFFER_BYTES_MIN, (unread + length) * 2));
    this.#buffer.set(source);
    this.#start = 0;
    this.#end = unread;
  }

  /** Bytes of memory that it holds for what comes next. */
  get capacityBytes(): number {
    return this.#buffer.length;
  }

  /** Bytes taken in and not yet given out. Stays below `commandBytesMax` plus one read of the socket. */
  get bufferedBytes(): number {
    return this.#end - this.#start + this.#wordBytes;
  }

  /** The next whole command, if it has arrived. */
  next(): RespRead {
    while (this.#failure === undefined) {
      const read = this.#missing === 0 ? this.#readHead() : this.#readWord();
      if (read?.type === "error") this.#failure = read;
      if (read?.type === "incomplete") this.#letGo();
      if (read) return read;
    }
    return this.#failure;
  }

  /** The first line of a command; `undefined` when there is more to do at once. */
  #readHead(): RespRead | undefined {
    if (this.#start >= this.#end) return INCOMPLETE;
    if (this.#buffer[this.#start] !== STAR) return this.#readInline();
    const line = this.#line(LENGTH_LINE_BYTES_MAX);
    if (line === "incomplete") return INCOMPLETE;
    if (line === "too long") return error("Protocol error: too big mbulk count string");
    const count = integer(line.subarray(1));
    if (count === undefined || count > this.limits.argumentsMax) return error("Protocol error: invalid multibulk length");
    if (count > 0) this.#missing = count;
    return undefined;
  }

  /** One word of the command under way. */
  #readWord(): RespRead | undefined {
    if (this.#bulkBytes < 0) {
      if (this.#start >= this.#end) return INCOMPLETE;
      const first = this.#buffer[this.#start] ?? 0;
      if (first !== DOLLAR) return error(`Protocol error: expected '$', got '${printable(first)}'`);
      const line = this.#line(LENGTH_LINE_BYTES_MAX);
      if (line === "incomplete") return INCOMPLETE;
      const length = line === "too long" ? undefined : integer(line.subarray(1));
      if (length === undefined || length < 0) return error("Protocol error: invalid bulk length");
      this.#excess ??= this.#excessOf(length);
      if (this.#excess !== undefined) {
        this.#skippedBytes += length;
        if (this.#skippedBytes > this.limits.skippedBytesMax) return error("Protocol error: invalid bulk length");
      }
      this.#bulkBytes = length;
    }
    if (this.#excess !== undefined) this.#skip();
    const end = this.#start + this.#bulkBytes;
    if (this.#end < end + 2) return INCOMPLETE;
    if (this.#buffer[end] !== CR || this.#buffer[end + 1] !== LF) return error("Protocol error: expected CRLF after bulk string");
    if (this.#excess === undefined) {
      this.#words.push(this.#buffer.slice(this.#start, end));
      this.#wordBytes += this.#bulkBytes;
    }
    this.#start = end + 2;
    this.#bulkBytes = -1;
    this.#missing--;
    return this.#missing === 0 ? this.#finish(this.#words) : undefined;
  }

  /** Returns the limit that the next word breaks, in words. */
  #excessOf(length: number): string | undefined {
    const { bulkBytesMax, commandBytesMax } = this.limits;
    if (length > bulkBytesMax) return `a word has at most ${bulkBytesMax} bytes, this one ${length}`;
    if (this.#wordBytes + length > commandBytesMax) return `a command has at most ${commandBytesMax} bytes`;
    return undefined;
  }

  /** Reads past what has arrived of a word that is not kept. */
  #skip(): void {
    const skipped = Math.min(this.#bulkBytes, this.#end - this.#start);
    this.#start += skipped;
    this.#bulkBytes -= skipped;
  }

  #readInline(): RespRead | undefined {
    const line = this.#line(RESP_LINE_BYTES_MAX);
    if (line === "incomplete") return INCOMPLETE;
    if (line === "too long") return error("Protocol error: too big inline request");
    const words = splitWords(line);
    if (words === undefined) return error("Protocol error: unbalanced quotes in request");
    if (words.length > this.limits.argumentsMax) return error("Protocol error: invalid multibulk length");
    return words.length === 0 ? undefined : this.#finish(words);
  }

  #finish(words: readonly Uint8Array[]): RespRead {
    const reason = this.#excess;
    this.#words = [];
    this.#wordBytes = 0;
    this.#excess = undefined;
    this.#skippedBytes = 0;
    return reason === undefined ? { type: "command", words } : { type: "too large", reason };
  }

  /** The bytes up to the next line feed, without it and without a carriage return before it. */
  #line(bytesMax: number): Uint8Array | "incomplete" | "too long" {
    const length = this.#buffer.subarray(this.#start, this.#end).indexOf(LF);
    if (length < 0) return this.#end - this.#start > bytesMax ? "too long" : "incomplete";
    const end = this.#start + length;
    if (end - this.#start > bytesMax) return "too long";
    const line = this.#buffer.subarray(this.#start, this.#buffer[end - 1] === CR && end > this.#start ? end - 1 : end);
    this.#start = end + 1;
    return line;
  }
}

function error(reason: string): RespRead {
  return { type: "error", reason };
}

/** A decimal integer of at most 10 digits, or nothing: `+1`, `1e3`, ` 1` and the empty text are not lengths. */
function integer(bytes: Uint8Array): number | undefined {
  const text = String.fromCharCode(...bytes);
  return /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
}

const ESCAPES: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, a: 0x07 };

/** Blanks between inline words are ASCII: any other byte may be a part of a character in UTF-8. */
const BLANKS = /^[ \t\r\n]+/;
/** Characters, then at most one quotation, which ends the word. */
const WORD = /^([^ \t\r\n"']*)(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')?(?=[ \t\r\n]|$)/s;

/** Words of an inline command; `"…"` takes escapes, `'…'` does not. `undefined` when a quote stays open. */
function splitWords(line: Uint8Array): Uint8Array[] | undefined {
  const words: Uint8Array[] = [];
  for (let rest = Buffer.from(line).toString("latin1").replace(BLANKS, ""); rest !== ""; ) {
    const word = WORD.exec(rest);
    if (!word) return undefined;
    const [whole, plain = "", double, single] = word;
    words.push(Buffer.from(plain + unescape(double ?? single ?? "", double !== undefined), "latin1"));
    rest = rest.slice(whole.length).replace(BLANKS, "");
  }
  return words;
}

/** The characters of a quotation, one a byte; escapes are resolved in double quotes, only `\'` in single ones. */
function unescape(word: string, doubleQuoted: boolean): string {
  const pattern = doubleQuoted ? /\\x([0-9a-fA-F]{2})|\\(.)/gs : /\\(')()/gs;
  return word.replaceAll(pattern, (_, first: string | undefined, second: string | undefined) => {
    if (!doubleQuoted) return "'";
    if (first !== undefined) return String.fromCharCode(Number.parseInt(first, 16));
    const code = ESCAPES[second ?? ""];
    return code === undefined ? (second ?? "") : String.fromCharCode(code);
  });
}

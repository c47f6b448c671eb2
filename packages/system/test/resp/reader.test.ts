import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RESP_LIMITS, RESP_LIMITS_UNAUTHENTICATED, RespReader } from "../../src/resp/reader.ts";

const text = new TextDecoder("latin1");

function read(...chunks: readonly (string | Uint8Array)[]): readonly (readonly string[] | string)[] {
  const reader = new RespReader();
  reader.limits = RESP_LIMITS;
  const found: (readonly string[] | string)[] = [];
  for (const chunk of chunks) {
    reader.push(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
    for (let next = reader.next(); next.type !== "incomplete"; next = reader.next()) {
      found.push(next.type === "command" ? next.words.map((word) => text.decode(word)) : next.reason);
      if (next.type === "error") return found;
    }
  }
  return found;
}

function encode(words: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => [Buffer.from(`$${word.length}\r\n`), word, Buffer.from("\r\n")]),
  ]);
}

describe("RespReader", () => {
  test("reads arrays of bulk strings, several in one chunk", () => {
    expect(read("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n")).toEqual([["PING"], ["GET", ""]]);
  });

  test("reads inline commands with quotes, as redis-cli's raw mode sends them", () => {
    expect(read("PING\r\n", `SET a "x y\\n\\x41"\n`, "SET b 'it\\'s'\r\n", "\r\n", "  GET   a \r\n")).toEqual([
      ["PING"],
      ["SET", "a", "x y\nA"],
      ["SET", "b", "it's"],
      ["GET", "a"],
    ]);
    expect(read('k a"b c" \r\n', "k a\u00a0b\u0085\x0b \x0c'c'\r\n")).toEqual([
      ["k", "ab c"],
      ["k", "a\u00a0b\u0085\x0b", "\x0cc"],
    ]);
    expect(read('SET a "open\r\n')).toEqual(["Protocol error: unbalanced quotes in request"]);
  });

  test.each([
    ["a bulk of 1 GB", "*2\r\n$3\r\nGET\r\n$1000000000\r\n", "Protocol error: invalid bulk length"],
    ["more words than allowed", "*1000000\r\n", "Protocol error: invalid multibulk length"],
    ["a negative bulk length", "*1\r\n$-1\r\n", "Protocol error: invalid bulk length"],
    ["a length that is no number", "*1\r\n$3x\r\n", "Protocol error: invalid bulk length"],
    ["a word that is no bulk", "*1\r\n+PING\r\n", "Protocol error: expected '$', got '+'"],
    ["a bulk that is longer than it said", "*1\r\n$3\r\nPINGX\r\n", "Protocol error: expected CRLF after bulk string"],
    ["an endless count", `*${"1".repeat(64)}`, "Protocol error: too big mbulk count string"],
    ["an endless line", "x".repeat(70_000), "Protocol error: too big inline request"],
  ])("refuses %s at once", (_, stream, reason) => {
    expect(read(stream)).toEqual([reason]);
  });

  test("keeps refusing after an error", () => {
    const reader = new RespReader();
    reader.push(Buffer.from("*1\r\n+\r\n"));
    expect(reader.next().type).toBe("error");
    reader.push(Buffer.from("PING\r\n"));
    expect(reader.next().type).toBe("error");
  });

  test("holds a stranger to a token's size", () => {
    const reader = new RespReader();
    reader.push(Buffer.from(`*2\r\n$4\r\nAUTH\r\n$${RESP_LIMITS_UNAUTHENTICATED.bulkBytesMax + 1}\r\n`));
    expect(reader.next()).toEqual({ type: "error", reason: "Protocol error: invalid bulk length" });
  });

  test("reads past a command that is too large, keeping none of it", () => {
    const { bulkBytesMax, commandBytesMax, skippedBytesMax } = RESP_LIMITS;
    const reader = new RespReader();
    reader.limits = RESP_LIMITS;
    const large = bulkBytesMax + 1;
    reader.push(Buffer.from(`*3\r\n$3\r\nSET\r\n$${large}\r\n`));
    for (let left = large; left > 0; left -= 50_000) {
      expect(reader.next()).toEqual({ type: "incomplete" });
      reader.push(new Uint8Array(Math.min(left, 50_000)));
      expect(reader.bufferedBytes).toBeLessThanOrEqual(50_003);
    }
    reader.push(Buffer.from("\r\n$1\r\nx\r\nPING\r\n"));
    expect(reader.next()).toEqual({ type: "too large", reason: `a word has at most ${bulkBytesMax} bytes, this one ${large}` });
    expect(reader.next()).toEqual({ type: "command", words: [Buffer.from("PING")] });

    const half = encode([Buffer.from("MSET"), Buffer.alloc(bulkBytesMax), Buffer.alloc(bulkBytesMax)]);
    expect(read(half, "PING\r\n")).toEqual([`a command has at most ${commandBytesMax} bytes`, ["PING"]]);
    expect(read(`*2\r\n$3\r\nGET\r\n$${skippedBytesMax + 1}\r\n`)).toEqual(["Protocol error: invalid bulk length"]);
  });

  test("memory for a large command is given back after it", () => {
    const reader = new RespReader();
    reader.limits = RESP_LIMITS;
    const part = new Uint8Array(250_000);
    reader.push(Buffer.from("*2\r\n$3\r\nGET\r\n$500000\r\n"));
    for (const bytes of [part, part, Buffer.from("\r\n")]) {
      expect(reader.next().type).toBe("incomplete");
      reader.push(bytes);
    }
    expect(reader.next()).toMatchObject({ type: "command" });
    expect(reader.next().type).toBe("incomplete");
    expect(reader.capacityBytes).toBeLessThanOrEqual(65_536);
    reader.push(Buffer.from("PING\r\n"));
    expect(reader.next()).toMatchObject({ type: "command" });
  });

  test("any commands, cut anywhere, come out as they went in", () => {
    const commands = fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(commands, fc.infiniteStream(fc.integer({ min: 1, max: 30 })), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(encode));
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < stream.length; ) {
          const length = cuts.next().value;
          chunks.push(stream.subarray(at, at + length));
          at += length;
        }
        expect(read(...chunks)).toEqual(sent.map((words) => words.map((word) => text.decode(word))));
      }),
    );
  });

  test("any bytes end in commands or one error, within bounds", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (chunks) => {
        const reader = new RespReader();
        for (const chunk of chunks) {
          reader.push(chunk);
          for (let next = reader.next(); next.type === "command"; next = reader.next());
          expect(reader.bufferedBytes).toBeLessThanOrEqual(2_000);
        }
      }),
    );
  });
});

import { toHex } from "@void-system/bytes";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CAVEATS_MAX,
  MACAROON_JSON_CHARACTERS_MAX,
  MACAROON_V1_BYTES_MAX,
  Macaroon,
  MacaroonFactory,
  OptionError,
  type TokenFormat,
  addThirdPartyCaveat,
  formatToken,
  parseToken,
} from "../src/index.ts";
import { decodeBase64 } from "../src/format/base64.ts";
import { runs } from "./runs.ts";

const key = new Uint8Array(32).fill(7);
const utf8 = new TextEncoder();
const token = addThirdPartyCaveat(Macaroon.mint(key, utf8.encode("id"), "here").addCaveat("time < 1"), {
  caveatKey: Uint8Array.of(1),
  id: "third",
  location: "there",
});
const FORMATS = ["v1", "v2", "v2-json"] as const;

/** The token in canonical text, or the reason against it. */
function read(input: string | Uint8Array, lenient = false): string {
  const parsed = parseToken(input, { lenient });
  return parsed.ok ? parsed.macaroon.encode() : parsed.reason;
}

function v1Packets(...packets: readonly (readonly [string, string | Uint8Array])[]): Uint8Array {
  return Buffer.concat(
    packets.map(([name, content]) => {
      const body = Buffer.concat([Buffer.from(`${name} `), typeof content === "string" ? Buffer.from(content) : content, Buffer.from("\n")]);
      return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, "0")), body]);
    }),
  );
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 60 });
const anyToken = fc
  .tuple(bytes, fc.option(fc.string({ minLength: 1 }), { nil: undefined }), fc.array(fc.tuple(bytes, fc.boolean(), fc.option(fc.string({ minLength: 1 }), { nil: undefined })), { maxLength: 4 }))
  .map(([identifier, location, caveats]) =>
    caveats.reduce(
      (made, [id, third, at]) => (third ? addThirdPartyCaveat(made, { caveatKey: Uint8Array.of(1), id, location: at }) : made.addCaveat(id)),
      Macaroon.mint(key, identifier, location),
    ),
  );

/** Forms that keep all of a token: version 1 cannot tell an empty location, which nobody signs, from none. */
function formatsOf({ location, thirdPartyCaveats }: Macaroon): readonly TokenFormat[] {
  const hasEmpty = [location, ...thirdPartyCaveats.map((caveat) => caveat.location)].includes("");
  return hasEmpty ? FORMATS.filter((format) => format !== "v1") : FORMATS;
}

describe("every form", () => {
  test("is read as it was written: text, bytes, base64 of either alphabet, padded or not, hexadecimal", () => {
    fc.assert(
      fc.property(anyToken, fc.constantFrom(...FORMATS), (one, format) => {
        const text = formatToken(one, format);
        const raw = format === "v2-json" ? utf8.encode(text) : new Uint8Array(Buffer.from(text, "base64url"));
        const binary = format === "v2-json" ? [] : [toHex(raw), Buffer.from(raw).toString("base64"), Buffer.from(raw).toString("base64").replace(/=+$/u, "")];
        for (const form of [text, raw, ...binary]) {
          expect(read(form)).toBe(one.encode());
          expect(read(form, true)).toBe(one.encode());
        }
      }),
      { numRuns: runs(100, 3000) },
    );
  });

  test("of hostile bytes and text gives a reason, never a throw, and what is taken has one canonical text", () => {
    const seeds = FORMATS.flatMap((format) => [utf8.encode(formatToken(token, format)), new Uint8Array(Buffer.from(formatToken(token, format), "base64url"))]);
    const edited = fc
      .tuple(fc.constantFrom(...seeds), fc.nat(300), fc.nat(4), fc.array(fc.nat(255), { maxLength: 4 }))
      .map(([seed, at, drop, insert]) => Uint8Array.from([...seed].toSpliced(at, drop, ...insert)));
    fc.assert(
      fc.property(edited, fc.boolean(), (input, lenient) => {
        for (const form of [input, Buffer.from(input).toString("latin1")]) {
          const parsed = parseToken(form, { lenient });
          if (!parsed.ok) expect(parsed.reason.length).toBeLessThan(200);
          else for (const format of formatsOf(parsed.macaroon)) expect(read(formatToken(parsed.macaroon, format))).toBe(parsed.macaroon.encode());
        }
      }),
      { numRuns: runs(600, 50_000) },
    );
  });
});

describe("lenient reading", () => {
  const v2 = token.toBytes();
  const v1 = new Uint8Array(Buffer.from(formatToken(token, "v1"), "base64url"));
  const cases: readonly (readonly [string, string | Uint8Array])[] = [
    ["white space around", ` ${token.encode()}\n`],
    ["capitals in hexadecimal", toHex(v2).toUpperCase()],
    ["capitals in a length of version 1", Buffer.from(Buffer.from(v1).toString("latin1").replace(/002f(?=signature)/u, "002F"), "latin1")],
    ["bytes behind the signature", Uint8Array.of(...v2, 0)],
    ["bytes behind the signature in version 1", Uint8Array.of(...v1, 0x30, 0x30)],
    ["lengths with more bytes than they need", Uint8Array.from([...v2].toSpliced(v2.length - 33, 1, 0xa0, 0x80, 0))],
  ];

  test.each(cases)("takes %s, strict reading does not", (_, input) => {
    expect(read(input)).not.toBe(token.encode());
    expect(parseToken(input).ok).toBe(false);
    expect(read(input, true)).toBe(token.encode());
  });

  test("takes no length above the limit, nor one that never ends", () => {
    for (const length of [[0x80, 0x80, 0x80, 0x80, 0x80, 0], [0xff, 0xff, 0x7f]]) expect(parseToken(Uint8Array.of(2, 2, ...length), { lenient: true }).ok).toBe(false);
  });
});

describe("what is refused, and why", () => {
  const signature = new Uint8Array(32);
  const json = (fields: object): string => JSON.stringify({ v: 2, i: "id", s64: "A".repeat(43), ...fields });

  test("version 1", () => {
    const v1 = (...packets: readonly (readonly [string, string | Uint8Array])[]): string => read(v1Packets(...packets));
    const id = ["identifier", "id"] as const;
    const end = ["signature", signature] as const;
    expect(v1(["location", ""], id, end)).toBe(v1(id, end));
    expect(v1(id, ["location", ""], end)).toContain("expected a packet signature");
    expect(v1(id, ["cl", "x"], end)).toContain("expected a packet signature");
    expect(v1(id, ["cid", "a"], ["cl", "x"], end)).toContain("expected a packet signature");
    expect(v1(["identifier", ""], end)).toContain("an empty one");
    expect(v1(id, ["cid", "x".repeat(4097)], end)).toContain("at most 4096");
    expect(v1(id, end, end)).toContain("expected the end");
    const spoiled = v1Packets(id, end);
    spoiled[spoiled.length - 1] = 0x20;
    expect(read(spoiled)).toContain("ends with a line feed");
    expect(v1(["nonsense", "x"], id, end)).toContain("the name of a packet");
    expect(v1(["location", Uint8Array.of(0xff)], id, end)).toContain("UTF-8");
    expect(v1(id, ...Array.from({ length: CAVEATS_MAX + 1 }, () => ["cid", "a"] as const), end)).toContain("at most 256");
    for (const text of ["0000", "0003", "0004", "0005 ", "00zz", "ffff", "", "000"]) expect(read(utf8.encode(text))).toMatch(/^other bytes/u);
    expect(read(new Uint8Array(MACAROON_V1_BYTES_MAX + 1))).toContain("more than");
  });

  test("JSON", () => {
    expect(parseToken(json({})).ok).toBe(true);
    const bad = [
      json({ v: 1 }), json({ v: "3" }), json({ i: undefined }), json({ i64: "aWQ" }), json({ i: "" }), json({ i: 5 }), json({ i: "\ud800" }),
      json({ s64: "AA" }), json({ s64: undefined }), json({ c: {} }), json({ c: [5] }), json({ c: [{}] }), json({ c: [{ i: "a", l: "b" }] }),
      json({ c: [{ i: "a", v64: "AA" }] }), json({ c: [{ i: "a", x: 1 }] }), json({ x: 1 }), json({ l64: "/w==" }), json({ c: Array.from({ length: 257 }, () => ({ i: "a" })) }),
      json({ i: "x".repeat(4097) }), "{", "{}", "[]", "null", `{${" ".repeat(MACAROON_JSON_CHARACTERS_MAX)}`, '{"v":2,"__proto__":{"i":"id"},"s64":""}',
    ];
    for (const text of bad) expect(parseToken(text).ok).toBe(false);
    expect(({} as Record<string, unknown>)["i"]).toBe(undefined);
  });

  test("a macaroon of any form that is larger than the limit of all", () => {
    const caveats = Array.from({ length: 5 }, () => ({ i: "x".repeat(4000) }));
    expect(read(json({ c: caveats }))).toContain("more than 16384 bytes");
    const [id, end] = [["identifier", "id"] as const, ["signature", signature] as const];
    expect(read(v1Packets(id, ...caveats.map(({ i }) => ["cid", i] as const), end))).toContain("more than 16384 bytes");
  });

  test("base64 of mixed alphabets, of wrong padding, with bits that stand for nothing", () => {
    for (const text of ["-/AA", "AA=", "AA===", "AAA==", "A", "AB", "AA=A", "AAAA=", "=", " AA"]) expect(decodeBase64(text)).toBe(undefined);
    expect(decodeBase64("+/8=")).toEqual(decodeBase64("-_8"));
  });

  test("a format that is none", () => {
    for (const format of ["v3", "toString", undefined]) expect(() => formatToken(token, format as never)).toThrow(OptionError);
  });
});

test("what any form carries is verified the same", () => {
  const factory = new MacaroonFactory(key);
  const own = factory.mint(["user = ada"]);
  for (const format of FORMATS) {
    const parsed = parseToken(formatToken(own, format));
    expect(parsed.ok && factory.authenticate(parsed.macaroon)).toBe("authentic");
    expect(parsed.ok && parsed.macaroon.name).toBe(own.name);
  }
});

test("an empty location is kept by version 2 and JSON, and is none in version 1", () => {
  const located = Macaroon.mint(key, utf8.encode("id"), "");
  for (const format of formatsOf(located)) expect(read(formatToken(located, format))).toBe(located.encode());
  expect(read(formatToken(located, "v1"))).toBe(Macaroon.mint(key, utf8.encode("id")).encode());
});

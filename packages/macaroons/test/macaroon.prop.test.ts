import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CapabilityManager, Macaroon, MacaroonFactory, createStandardVerifier } from "../src/index.ts";
import { decodeBase64url, encodeBase64url } from "../src/format/base64url.ts";
import type { CapabilityContext } from "../src/index.ts";
import { runs } from "./runs.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
const manager = new CapabilityManager(factory, createStandardVerifier());

const time = fc.integer({ min: 0, max: 9 });
const path = fc.constantFrom("/", "/a", "/a/", "/a/b", "/a/b/c", "/ab", "/a/../b", "a");
const operation = fc.constantFrom("read", "write", "admin");
const user = fc.constantFrom("ada", "eve");
const caveat = fc.oneof(
  time.map((at) => `time < ${at}`),
  time.map((at) => `time >= ${at}`),
  path.map((of) => `resource = ${of}`),
  path.map((of) => `resource under ${of}`),
  fc.uniqueArray(operation, { minLength: 1 }).map((names) => `operation in ${names.join(",")}`),
  user.map((name) => `user = ${name}`),
  fc.constantFrom("once", "moon = full"),
);
const context: fc.Arbitrary<CapabilityContext> = fc.record({
  timeMs: time,
  resource: path,
  operation,
  user: fc.option(user, { nil: undefined }),
});
const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

/** Minted bare, then narrowed: a factory puts caveats in order, a holder does not. */
function tokenOf(caveats: readonly string[]): Macaroon {
  return caveats.reduce((token, one) => token.addCaveat(one), factory.mint());
}

/** All three ways to ask agree, or this throws. */
function permits(token: Macaroon, asked: CapabilityContext): boolean {
  const checked = manager.verify(token.encode(), asked).ok;
  const authorized = manager.authorize(token.encode(), asked);
  const later = authorized.ok && authorized.grant.permits(asked.resource, asked.operation, asked.timeMs);
  if (later !== checked) throw new Error(`expected ${checked} of the grant, got ${later}`);
  return checked;
}

test("attenuation only narrows, however deep", () => {
  let narrowed = 0;
  fc.assert(
    fc.property(fc.array(caveat, { maxLength: 8 }), fc.array(context, { minLength: 1, maxLength: 6 }), (caveats, asked) => {
      let token = factory.mint();
      for (const one of caveats) {
        const narrower = token.addCaveat(one);
        for (const each of asked) {
          const before = permits(token, each);
          const after = permits(narrower, each);
          expect(after && !before).toBe(false);
          narrowed += before && !after ? 1 : 0;
        }
        token = narrower;
      }
    }),
    { numRuns: runs(60, 10_000) },
  );
  // Else the law would have held of nothing.
  expect(narrowed).toBeGreaterThan(20);
});

test("the order of caveats changes the token, never what it permits", () => {
  fc.assert(
    fc.property(fc.uniqueArray(caveat, { minLength: 2, maxLength: 6 }), context, (caveats, asked) => {
      const one = tokenOf(caveats);
      const other = tokenOf(caveats.toReversed());
      expect(permits(one, asked)).toBe(permits(other, asked));
    }),
    { numRuns: runs(50, 10_000) },
  );
});

test("what was written is read, byte for byte, and verified under its key alone", () => {
  fc.assert(
    fc.property(bytes, bytes, fc.option(fc.string(), { nil: undefined }), fc.array(bytes, { maxLength: 6 }), (key, id, location, caveats) => {
      const macaroon = caveats.reduce((token, one) => token.addCaveat(one), Macaroon.mint(key, id, location));
      const read = Macaroon.decode(macaroon.encode());
      expect(Buffer.compare(read.toBytes(), macaroon.toBytes())).toBe(0);
      expect(read.isSignedBy(key)).toBe(true);
      expect(read.isSignedBy(Uint8Array.of(...key, 1))).toBe(false);
    }),
  );
});

test("any change of any byte is refused", () => {
  const token = factory.mint(["operation in read", "user = ada"]).toBytes();
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = token.slice();
      changed[at]! ^= flip;
      const decoded = Macaroon.tryDecodeBytes(changed);
      expect(decoded.ok && factory.authenticate(decoded.macaroon) === "authentic").toBe(false);
    }),
    { numRuns: runs(300, 20_000) },
  );
});

test("a caveat cannot be dropped, moved or slipped in by who has the token only", () => {
  fc.assert(
    fc.property(fc.uniqueArray(caveat, { minLength: 2, maxLength: 5 }), fc.nat(10), (caveats, pick) => {
      const whole = tokenOf(caveats);
      const signature = whole.toBytes().slice(-32);
      const at = pick % caveats.length;
      const others = [caveats.toSpliced(at, 1), caveats.toReversed(), caveats.toSpliced(at, 0, "once")];
      for (const changed of others) {
        // The same identifier, other caveats, and the signature that the holder has.
        const forged = changed.reduce((token, one) => token.addCaveat(one), Macaroon.mint(signature, whole.identifier)).toBytes();
        forged.set(signature, forged.length - signature.length);
        const decoded = Macaroon.tryDecodeBytes(forged);
        expect(decoded.ok && factory.authenticate(decoded.macaroon)).toBe("bad-signature");
      }
    }),
  );
});

test("hostile bytes are refused without a throw, and what is taken has one form", () => {
  const token = Array.from(factory.mint(["operation in read"]).toBytes());
  const edited = fc
    .tuple(fc.nat(token.length), fc.nat(4), fc.array(fc.nat(255), { maxLength: 4 }))
    .map(([at, drop, insert]) => Uint8Array.from(token.toSpliced(at, drop, ...insert)));
  fc.assert(
    fc.property(fc.oneof(edited, fc.uint8Array({ maxLength: 80 })), (input) => {
      const decoded = Macaroon.tryDecodeBytes(input);
      expect(decoded.ok ? decoded.macaroon.toBytes() : input).toEqual(input);
    }),
    { numRuns: runs(300, 20_000) },
  );
});

test("base64url: as Node writes it, and one text a byte string", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (input) => {
      const text = encodeBase64url(input);
      expect(text).toBe(Buffer.from(input).toString("base64url"));
      expect(decodeBase64url(text)).toEqual(input);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."AQgw-_=+/ é"), maxLength: 9 }), (text) => {
      const decoded = decodeBase64url(text);
      expect(decoded === undefined ? text : encodeBase64url(decoded)).toBe(text);
    }),
    { numRuns: runs(300, 20_000) },
  );
});

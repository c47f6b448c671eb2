import { readFileSync } from "node:fs";
import { fromHex, toHex } from "@void-system/bytes";
import { describe, expect, test } from "vitest";
import {
  Macaroon,
  addThirdPartyCaveat,
  dischargesNeeded,
  formatToken,
  parseToken,
} from "../src/index.ts";
import { anyCaveat } from "./any-caveat.ts";
import { type Judged, accepts, managerOf } from "./vector-verdicts.ts";

interface Forms {
  readonly binary?: string;
  readonly json?: string;
}

interface Case {
  readonly name: string;
  readonly keyHex: string;
  readonly identifierHex: string;
  readonly location: string;
  readonly caveats: readonly { readonly idHex: string; readonly location?: string; readonly caveatKeyHex?: string }[];
}

interface Minted extends Forms {
  readonly name: string;
  readonly mintedBy: string;
  readonly version: 1 | 2;
  readonly signatureHex: string;
  readonly discharges?: readonly { readonly unbound: Forms; readonly bound: Forms }[];
}


const vectors: { readonly cases: readonly Case[]; readonly minted: readonly Minted[]; readonly judged: readonly Judged[] } = JSON.parse(
  readFileSync(new URL("vectors.json", import.meta.url), "utf8"),
);

const context = { timeMs: 0, resource: "/", operation: "read" };
const anything = anyCaveat();

function read(text: string): Macaroon {
  const parsed = parseToken(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.macaroon;
}

function caseOf(name: string): Case {
  return vectors.cases.find((one) => one.name === name)!;
}

/** Counts characters where the format counts bytes: nobody can read it. */
const UNREADABLE = { name: "utf8", version: 1, mintedBy: "pymacaroons 0.13.0 (python)" } as const;

function isUnreadable({ name, version, mintedBy }: Minted): boolean {
  return name === UNREADABLE.name && version === UNREADABLE.version && mintedBy === UNREADABLE.mintedBy;
}

describe("tokens of other implementations", () => {
  test("one is refused: its lengths are wrong", () => {
    const [one, ...others] = vectors.minted.filter(isUnreadable);
    expect([parseToken(one!.binary!).ok, others]).toEqual([false, []]);
  });

  const readable = vectors.minted.filter((one) => !isUnreadable(one));
  const forms = readable.flatMap((one) =>
    (["binary", "json"] as const).flatMap((form) => {
      const text = one[form];
      return text === undefined ? [] : [[`${one.name} v${one.version} ${form}`, one.mintedBy, one, form, text] as const];
    }),
  );

  test.each(forms)("%s by %s is read, verified with its discharges, written", (_, __, one, form, text) => {
    const { keyHex, identifierHex, location, caveats } = caseOf(one.name);
    const macaroon = read(text);
    expect(toHex(macaroon.identifier)).toBe(identifierHex);
    expect(macaroon.location ?? "").toBe(location);
    expect(macaroon.caveats).toHaveLength(caveats.length);
    expect(macaroon.thirdPartyCaveats.map(({ id, location: at }) => [toHex(id), at])).toEqual(
      caveats.filter((caveat) => caveat.caveatKeyHex !== undefined).map((caveat) => [caveat.idHex, caveat.location]),
    );
    expect(toHex(macaroon.toBytes()).slice(-64)).toBe(one.signatureHex);

    const bound = (one.discharges ?? []).map((discharge) => read(discharge.bound[form]!));
    expect(dischargesNeeded(macaroon, bound)).toEqual([]);
    const manager = managerOf(keyHex, anything);
    expect(manager.verify(macaroon, context, { discharges: bound }).ok).toBe(one.name !== "binary-id-caveat");
    expect(macaroon.isSignedBy(fromHex(keyHex))).toBe(true);
    expect(managerOf(`${keyHex}01`, anything).verify(macaroon, context, { discharges: bound })).toEqual({ ok: false, reason: "bad-signature" });
    const rebound = (one.discharges ?? []).map((discharge) => read(discharge.unbound[form]!).bindTo(macaroon).encode());
    expect(rebound).toEqual(bound.map((discharge) => discharge.encode()));

    const written = form === "json" ? formatToken(macaroon, "v2-json") : formatToken(macaroon, one.version === 1 ? "v1" : "v2");
    expect(read(written).encode()).toBe(macaroon.encode());
    if (form === "binary") expect(written).toBe(text);
  });

  const own = vectors.minted.filter(({ name, version, binary }) => version === 2 && binary !== undefined && !name.startsWith("third"));
  test.each(own.map((one) => [one.name, one.mintedBy, one] as const))("%s as %s minted it", (name, __, one) => {
    const { keyHex, identifierHex, caveats } = caseOf(name);
    const { location } = read(one.binary!);
    let macaroon = Macaroon.mint(fromHex(keyHex), fromHex(identifierHex), location);
    for (const { idHex } of caveats) macaroon = macaroon.addCaveat(fromHex(idHex));
    expect(macaroon.encode()).toBe(one.binary);
  });

  test("a third party's caveat is sealed as they seal it, given their nonces", () => {
    let sealed = 0;
    for (const one of vectors.minted) {
      if (one.binary === undefined || one.discharges === undefined) continue;
      const { keyHex, identifierHex, location, caveats } = caseOf(one.name);
      const whole = read(one.binary).toBytes();
      let macaroon = Macaroon.mint(fromHex(keyHex), fromHex(identifierHex), location);
      for (const { idHex, caveatKeyHex, location: at } of caveats) {
        const id = fromHex(idHex);
        if (caveatKeyHex === undefined) macaroon = macaroon.addCaveat(id);
        else {
          const start = Buffer.from(whole).indexOf(Buffer.concat([id, Uint8Array.of(4, 72)])) + id.length + 2;
          const nonce = whole.slice(start, start + 24);
          macaroon = addThirdPartyCaveat(macaroon, { caveatKey: fromHex(caveatKeyHex), id, location: at, random: () => nonce });
          sealed += 1;
        }
      }
      expect(macaroon.toBytes()).toEqual(whole);
    }
    expect(sealed).toBeGreaterThan(20);
  });
});

describe("tokens to be judged", () => {
  test.each(vectors.judged.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const accepted = accepts(one);
    if (one.expected !== "either") expect(accepted).toBe(one.expected === "accept");
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });

  test("no vector is left out", () => {
    expect([vectors.cases.length, vectors.minted.length, vectors.judged.length]).toEqual([13, 86, 55]);
  });
});

/** Both ways with the npm peers: `npm install --prefix FOLDER macaroon@3.0.4 macaroons.js@0.3.9`, then BENCH_PEERS=FOLDER. */
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CapabilityManager, CaveatVerifier, Macaroon, MacaroonFactory, addThirdPartyCaveat, formatToken, openSealedKey, parseToken } from "../src/index.ts";
import { anyCaveat } from "./any-caveat.ts";

const folder = process.env["BENCH_PEERS"];
const key = new Uint8Array(32).fill(7);
const derived = createHmac("sha256", "macaroons-key-generator").update(key).digest();
const utf8 = new TextEncoder();
const caveatKey = utf8.encode("caveat key");
const anything = new CaveatVerifier([anyCaveat()]);
const manager = new CapabilityManager(new MacaroonFactory(key), anything, { openSealedKey, keyOf: () => key });

const token = addThirdPartyCaveat(Macaroon.mint(key, utf8.encode("id"), "here").addCaveat("a = 1"), { caveatKey, id: "third", location: "there" });
const discharge = Macaroon.mint(caveatKey, utf8.encode("third"), "there").addCaveat("b = 2").bindTo(token);

function read(text: string): Macaroon {
  const parsed = parseToken(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.macaroon;
}

interface NpmToken {
  addFirstPartyCaveat(caveat: string): void;
  addThirdPartyCaveat(caveatKey: Uint8Array, id: string, location: string): void;
  verify(rootKey: Uint8Array, check: (caveat: string) => string | null, discharges: readonly NpmToken[]): void;
  exportJSON(): unknown;
}

type AskPeer = (location: string, at: string, id: Uint8Array, done: (discharge: NpmToken) => void) => void;

interface NpmMacaroon {
  importMacaroon(from: unknown): NpmToken;
  newMacaroon(of: object): NpmToken;
  dischargeMacaroon(root: NpmToken, ask: AskPeer, done: (all: NpmToken[]) => void, failed: (error: unknown) => void): void;
}

interface JsToken {
  serialize(): string;
}

interface JsBuilder {
  add_first_party_caveat(caveat: string): JsBuilder;
  add_third_party_caveat(location: string, caveatKey: string, id: string): JsBuilder;
  prepare_for_request(discharge: JsToken): JsBuilder;
  getMacaroon(): JsToken;
}

interface JsVerifier {
  satisfyExact(caveat: string): JsVerifier;
  satisfy3rdParty(discharge: JsToken): JsVerifier;
  isValid(derivedKey: Uint8Array): boolean;
}

interface MacaroonsJs {
  readonly MacaroonsBuilder: {
    new (location: string, key: Uint8Array | string, id: string): JsBuilder;
    deserialize(text: string): JsToken;
    modify(token: JsToken): JsBuilder;
  };
  readonly MacaroonsVerifier: new (token: JsToken) => JsVerifier;
}

const peer = createRequire(join(folder ?? import.meta.dirname, "peers.js"));

function accepts(root: string, ...discharges: readonly string[]): boolean {
  return manager.verify(read(root), { timeMs: 0, resource: "/", operation: "read" }, { discharges: discharges.map(read) }).ok;
}

describe.skipIf(folder === undefined)("with a discharge each", () => {
  test("npm macaroon: version 2 and JSON", async () => {
    const npm: NpmMacaroon = peer("macaroon");
    const check = (caveat: string): string | null => (["a = 1", "b = 2"].includes(caveat) ? null : "unmet");
    for (const format of ["v2", "v2-json"] as const) {
      const theirs = (one: Macaroon): NpmToken => npm.importMacaroon(format === "v2" ? one.encode() : JSON.parse(formatToken(one, format)));
      expect(() => theirs(token).verify(key, check, [theirs(discharge)])).not.toThrow();
      expect(() => theirs(token).verify(key, check, [])).toThrow();
    }
    const root = npm.newMacaroon({ identifier: "id", location: "here", rootKey: key });
    root.addFirstPartyCaveat("a = 1");
    root.addThirdPartyCaveat(caveatKey, "third", "there");
    const made = npm.newMacaroon({ identifier: "third", location: "there", rootKey: caveatKey });
    const all = await new Promise<NpmToken[]>((resolve, reject) => {
      npm.dischargeMacaroon(root, (_location, _at, _id, done) => done(made), resolve, reject);
    });
    const [first = "", ...others] = all.map((one) => JSON.stringify(one.exportJSON()));
    expect(others).toHaveLength(1);
    expect(accepts(first, ...others)).toBe(true);
    expect(accepts(first)).toBe(false);
  });

  test("macaroons.js: version 1", () => {
    const { MacaroonsBuilder, MacaroonsVerifier }: MacaroonsJs = peer("macaroons.js");
    const theirs = (one: Macaroon): JsToken => MacaroonsBuilder.deserialize(formatToken(one, "v1"));
    const verifier = (): JsVerifier => new MacaroonsVerifier(theirs(token)).satisfyExact("a = 1").satisfyExact("b = 2");
    expect(verifier().satisfy3rdParty(theirs(discharge)).isValid(derived)).toBe(true);
    expect(verifier().isValid(derived)).toBe(false);
    const root = new MacaroonsBuilder("here", derived, "id").add_first_party_caveat("a = 1").add_third_party_caveat("there", "caveat key", "third").getMacaroon();
    const made = MacaroonsBuilder.modify(root).prepare_for_request(new MacaroonsBuilder("there", "caveat key", "third").getMacaroon()).getMacaroon();
    expect(accepts(root.serialize(), made.serialize())).toBe(true);
    expect(accepts(root.serialize())).toBe(false);
  });
});

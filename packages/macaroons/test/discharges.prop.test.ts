import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CapabilityManager, CaveatVerifier, Macaroon, MacaroonFactory, addThirdPartyCaveat, dischargesNeeded, openSealedKey } from "../src/index.ts";
import type { RefusalReason } from "../src/index.ts";
import { anyCaveat } from "./any-caveat.ts";
import { runs } from "./runs.ts";
import { type CaveatParts, decodeMacaroon, encodeMacaroon } from "../src/format/v2-binary.ts";

const GRAPHS = runs(250, 100_000);

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
/** Takes every caveat, so that only signatures and discharges can refuse. */
const lenient = new CaveatVerifier([anyCaveat()]);
let opened = 0;
const manager = new CapabilityManager(factory, lenient, {
  openSealedKey: (sealedKey, tag) => {
    opened += 1;
    return openSealedKey(sealedKey, tag);
  },
});
const context = { timeMs: 1000, resource: "/a", operation: "read" };

function caveatKey(id: number): Uint8Array {
  return Uint8Array.of(1, id);
}

function needing(token: Macaroon, ids: readonly number[]): Macaroon {
  return ids.reduce((made, id) => addThirdPartyCaveat(made, { caveatKey: caveatKey(id), id: Uint8Array.of(id) }), token);
}

/** Sealing a key costs most of a graph: equal discharges are sealed once. */
const sealedBefore = new Map<string, Macaroon>();

function dischargeOf(id: number, ids: readonly number[]): Macaroon {
  const key = `${id}: ${ids.join()}`;
  const made = sealedBefore.get(key) ?? needing(Macaroon.mint(caveatKey(id), Uint8Array.of(id)), ids);
  sealedBefore.set(key, made);
  return made;
}

function verdict(token: Macaroon, discharges: readonly Macaroon[]): RefusalReason | "ok" {
  const judged = manager.verify(token, context, { discharges });
  return judged.ok ? "ok" : judged.reason;
}

interface Graph {
  readonly root: readonly number[];
  readonly discharges: readonly { readonly id: number; readonly needs: readonly number[] }[];
}

/** The verdict by the law, said simply: every need takes one discharge away, until none is needed and none is left. */
function expected({ root, discharges }: Graph): RefusalReason | "ok" {
  const left = [...discharges];
  const needs = [...root];
  for (const id of needs) {
    const at = left.findIndex((discharge) => discharge.id === id);
    if (at < 0) return "missing-discharge";
    needs.push(...left.splice(at, 1)[0]!.needs);
  }
  return left.length > 0 ? "unused-discharge" : "ok";
}

const id = fc.integer({ min: 1, max: 6 });
const graph: fc.Arbitrary<Graph> = fc.record({
  root: fc.array(id, { maxLength: 3 }),
  discharges: fc.array(fc.record({ id, needs: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(id, { maxLength: 2 })) }), { maxLength: 7 }),
});
/** Graphs that are complete: each node needs some of the nodes behind it, and each is needed once. */
const complete: fc.Arbitrary<Graph> = fc
  .array(fc.nat(100), { maxLength: 20 })
  .chain((parents) => {
    // Node k is needed by one of the nodes before it, 0 being the root.
    const needs = parents.map((): number[] => []);
    const root: number[] = [];
    for (const [index, parent] of parents.entries()) (parent % (index + 1) === 0 ? root : needs[(parent % (index + 1)) - 1]!).push(index + 1);
    const discharges = needs.map((of, index) => ({ id: index + 1, needs: of }));
    return fc.shuffledSubarray(discharges, { minLength: discharges.length }).map((shuffled) => ({ root, discharges: shuffled }));
  });

test("random graphs of discharges, with circles, gaps, doubles and strangers: the verdict of the law, each discharge followed once", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(fc.oneof(graph, complete), (one) => {
      const token = needing(factory.mint(), one.root);
      const discharges = one.discharges.map(({ id: of, needs }) => dischargeOf(of, needs).bindTo(token));
      opened = 0;
      const reason = verdict(token, discharges);
      expect(reason).toBe(expected(one));
      expect(opened).toBeLessThanOrEqual(discharges.length);
      if (reason === "ok") expect(dischargesNeeded(token, discharges)).toEqual([]);
      seen.set(reason, (seen.get(reason) ?? 0) + 1);
    }),
    { numRuns: GRAPHS },
  );
  // Else the law would have held of one kind of graph only.
  for (const reason of ["ok", "missing-discharge", "unused-discharge"]) expect(seen.get(reason) ?? 0).toBeGreaterThan(GRAPHS / 30);
});

const token = needing(factory.mint(["operation in read"]), [1]).addCaveat("user = ada");
const inner = dischargeOf(1, [2]).addCaveat("time < 2000");
const set = [token, inner.bindTo(token), dischargeOf(2, []).addCaveat("x").bindTo(token)];

/** The verdict on the set with one of its three macaroons as these bytes. */
function verdictWith(at: number, bytes: Uint8Array): RefusalReason | "ok" {
  const decoded = Macaroon.tryDecodeBytes(bytes);
  if (!decoded.ok) return "malformed";
  const [root, ...discharges] = set.with(at, decoded.macaroon);
  return verdict(root!, discharges);
}

test("every changed byte of a token and of its discharges is refused", () => {
  expect(set.map((one, at) => verdictWith(at, one.toBytes()))).toEqual(["ok", "ok", "ok"]);
  let changes = 0;
  for (const [at, one] of set.entries()) {
    const bytes = one.toBytes();
    for (let index = 0; index < bytes.length; index += 1) {
      for (const flip of [1, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[index]! ^= flip;
        expect(verdictWith(at, changed)).not.toBe("ok");
        changes += 1;
      }
    }
  }
  expect(changes).toBeGreaterThan(1000);
});

test("a junk caveat at any index of the token or a discharge is refused, and so is a caveat less", () => {
  const junk: CaveatParts[] = [
    { id: new TextEncoder().encode("junk"), thirdParty: undefined },
    { id: Uint8Array.of(1), thirdParty: { location: undefined, sealedKey: new Uint8Array(72).fill(3) } },
    ...set.flatMap((one) => partsOf(one).caveats),
  ];
  for (const [at, one] of set.entries()) {
    const parts = partsOf(one);
    for (let index = 0; index <= parts.caveats.length; index += 1) {
      for (const caveat of junk) {
        expect(verdictWith(at, encodeMacaroon({ ...parts, caveats: parts.caveats.toSpliced(index, 0, caveat) }))).not.toBe("ok");
      }
      if (index < parts.caveats.length) {
        expect(verdictWith(at, encodeMacaroon({ ...parts, caveats: parts.caveats.toSpliced(index, 1) }))).not.toBe("ok");
      }
    }
  }
});

test("locations are not signed: changing them changes no verdict", () => {
  const located = addThirdPartyCaveat(factory.mint(), { caveatKey: caveatKey(1), id: Uint8Array.of(1), location: "here" });
  const parts = partsOf(located);
  const moved = Macaroon.tryDecodeBytes(
    encodeMacaroon({
      ...parts,
      location: "anywhere",
      caveats: parts.caveats.map((caveat) => ({ ...caveat, thirdParty: caveat.thirdParty && { ...caveat.thirdParty, location: "there" } })),
    }),
  );
  expect(moved.ok && verdict(moved.macaroon, [dischargeOf(1, []).bindTo(located)])).toBe("ok");
});

const CAVEATS = runs(50, 200);

test("64 discharges of many caveats: each caveat costs its own links and nothing more", () => {
  const ids = Array.from({ length: 64 }, (_, index) => index + 1);
  const root = needing(factory.mint(), ids);
  const discharges = ids.map((of) => Array.from({ length: CAVEATS }).reduce<Macaroon>((made) => made.addCaveat("x"), dischargeOf(of, [])).bindTo(root));
  opened = 0;
  expect(verdict(root, discharges)).toBe("ok");
  expect(opened).toBe(64);
});

function partsOf(one: Macaroon): ReturnType<typeof decodedParts> {
  return decodedParts(one.toBytes());
}

function decodedParts(bytes: Uint8Array) {
  const decoded = decodeMacaroon(bytes);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

import { peerId, type World } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { expect, test } from "vitest";
import { ed25519Batch } from "../src/batch/ed25519.ts";
import { hybridBatch } from "../src/batch/hybrid.ts";
import {
  type BatchScheme,
  type BatchVerdict,
  batchVerifier,
  digest,
  ed25519,
  generateKey,
  Mac,
  mintChain,
  openChain,
  type SignatureAlgorithm,
  type SignatureScheme,
  verifyChain,
} from "../src/index.ts";
import { mlDsa65Batch } from "../src/batch/ml-dsa.ts";
import { deriveKey, hybridSignature, mlDsa65, xWing } from "../src/post-quantum/index.ts";
import * as portable from "../src/portable/index.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Returns everything that a node with that seed makes, to the last byte. */
function madeBy(seed: number, boot: (world: World) => readonly Uint8Array[]): string {
  const simulation = new Simulation({ seed });
  let made: readonly Uint8Array[] = [];
  simulation.node("a", (world) => {
    made = boot(world);
  });
  simulation.start("a");
  simulation.run();
  return hex(digest(Uint8Array.from(made.flatMap((bytes) => [...bytes]))));
}

const boots: readonly (readonly [string, (world: World) => readonly Uint8Array[]])[] = [
  [
    "chains: minted, attenuated, handed over, opened, attenuated, sealed",
    ({ random }) => {
      const issuer = ed25519.signer(generateKey("ed25519", { random }));
      const minted = mintChain(issuer, text("read and write"), { random });
      const bytes = minted.attenuate(text("read")).handOver();
      const sealed = openChain(bytes, { random }).attenuate(text("until noon")).seal(text("request 1"));
      const verdict = verifyChain(sealed, ed25519.loadPublicKey(issuer.publicKey), { binding: text("request 1") });
      expect(verdict.valid).toBe(true);
      return [minted.seal(), bytes, sealed];
    },
  ],
  [
    "signatures of every scheme",
    ({ random }) => [
      ed25519.signer(generateKey("ed25519", { random })).sign(text("x")),
      portable.ed25519.signer(generateKey("ed25519", { random })).sign(text("x")),
      mlDsa65.signer(generateKey("ml-dsa-65", { random })).sign(text("x")),
      hybridSignature.signer(generateKey("ml-dsa-65+ed25519", { random })).sign(text("x")),
    ],
  ],
  [
    "key agreement, and tags under the agreed key",
    ({ random }) => {
      const mine = generateKey("x-wing", { random });
      const { ciphertext, secret } = xWing.encapsulate(xWing.publicKeyOf(mine), { random });
      return [ciphertext, new Mac(deriveKey(secret, text("a to b"))).tag(text("x"))];
    },
  ],
];

test.each(boots)("in a seeded world, the same seed makes the same bytes: %s", (_name, boot) => {
  expect(madeBy(7, boot)).toBe(madeBy(7, boot));
  expect(madeBy(7, boot)).not.toBe(madeBy(8, boot));
});

test("the simulation reports code that does not pass the world's randomness", () => {
  const issuer = ed25519.signer(generateKey("ed25519"));
  for (const forgetful of [
    () => generateKey("ed25519"),
    () => mintChain(issuer, text("x")),
    () => xWing.encapsulate(new Uint8Array(1_216)),
  ]) {
    expect(() => madeBy(7, () => [(forgetful(), new Uint8Array())])).toThrow(/random\.bytes\(\) of its World, got crypto\.getRandomValues/);
  }
});

/** Verifies some signatures at once and some later, on the world's compute port, and returns the time of each verdict. */
function verdictsIn<A extends SignatureAlgorithm>(
  seed: number,
  scheme: SignatureScheme<A>,
  batch: BatchScheme<A>
): readonly [number, number, BatchVerdict][] {
  const simulation = new Simulation({ seed, compute: { minMs: 0.1, maxMs: 5 } });
  const answers: [number, number, BatchVerdict][] = [];
  const expected: boolean[] = [];
  simulation.node(peerId("a"), ({ compute, clock, random }) => {
    const verifier = batchVerifier(compute, batch, { lanes: 2, signaturesMax: 3 });
    const signer = scheme.signer(generateKey(scheme.algorithm, { random }));
    const key = scheme.loadPublicKey(signer.publicKey);
    for (let index = 0; index < 14; index += 1) {
      const bytes = random.bytes(10);
      const signature = signer.sign(bytes);
      if (random.next() < 0.4) signature[9]! ^= 1;
      expected.push(scheme.verify(bytes, signature, key));
      clock.schedule(Math.floor(random.next() * 8), () => {
        expect(
          verifier.verify(bytes, signature, key, (verdict) => answers.push([simulation.now, index, verdict]))
        ).toBe(true);
      });
    }
  });
  simulation.start("a");
  simulation.run();
  expect(answers.length).toBe(14);
  for (const [, index, verdict] of answers) expect(verdict).toBe(expected[index]);
  return answers;
}

/** Returns the verdicts, after checking that the run replays and that another seed differs. */
function replayed<A extends SignatureAlgorithm>(scheme: SignatureScheme<A>, batch: BatchScheme<A>): Set<BatchVerdict> {
  const first = verdictsIn(3, scheme, batch);
  expect(verdictsIn(3, scheme, batch)).toEqual(first);
  expect(verdictsIn(4, scheme, batch)).not.toEqual(first);
  return new Set(first.map(([, , verdict]) => verdict));
}

test("batches on a simulated compute port give the verdicts of the synchronous path, at the same times for the same seed", () => {
  const both = new Set([true, false]);
  expect(replayed(ed25519, ed25519Batch)).toEqual(both);
  expect(replayed(mlDsa65, mlDsa65Batch)).toEqual(both);
  expect(replayed(hybridSignature, hybridBatch)).toEqual(both);
});

test("a crash ends the batches of a node, and none is answered after the restart", () => {
  const simulation = new Simulation({ seed: 5, compute: { minMs: 2, maxMs: 3 } });
  const answered: number[] = [];
  let lives = 0;
  simulation.node("a", ({ compute, random }) => {
    const life = (lives += 1);
    const verifier = batchVerifier(compute, ed25519Batch);
    const signer = ed25519.signer(generateKey("ed25519", { random }));
    const key = ed25519.loadPublicKey(signer.publicKey);
    verifier.verify(text("x"), signer.sign(text("x")), key, (verdict) => answered.push(verdict === true ? life : -1));
  });
  simulation.start("a");
  simulation.step();
  simulation.crash("a");
  simulation.restart("a");
  simulation.run();
  expect(answered).toEqual([2]);
});

import * as ed from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import * as fc from "fast-check";
import * as nodeCrypto from "node:crypto";
import { expect, test } from "vitest";
import { type Block, type ChainParts, decodeChain, encodeChain } from "../src/chain/chain-format.ts";
import { blockRecord, firstState, nextState, sealMessage } from "../src/chain/internal/chain-transcript.ts";
import {
  ed25519,
  importKey,
  loadPublicKey,
  mintChain,
  type OpenChain,
  openChain,
  type Signer,
  verifyChain,
} from "../src/index.ts";
import { nativeVerifierUnder } from "../src/node/internal/native-ed25519.ts";
import { verifierUnder as portableVerifierUnder } from "../src/portable/ed25519.ts";

const issuer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
const trusted = loadPublicKey(issuer.publicKey);
const payload = fc.uint8Array({ maxLength: 60 });
const payloads = fc.array(payload, { minLength: 1, maxLength: 5 });
const RUNS = { numRuns: 40 };

function chainOf([first, ...rest]: readonly Uint8Array[]): OpenChain {
  return rest.reduce((chain, next) => chain.attenuate(next), mintChain(issuer, first!));
}

function partsOf(bytes: Uint8Array): ChainParts {
  const parts = decodeChain(bytes);
  if (typeof parts === "string") throw new Error(parts);
  return parts;
}

function accepted(bytes: Uint8Array): boolean {
  return verifyChain(bytes, trusted).valid;
}

test("every honest chain is valid, and has the payloads that were put in", () => {
  fc.assert(
    fc.property(payloads, fc.uint8Array({ maxLength: 20 }), (said, binding) => {
      const chain = chainOf(said);
      const verdict = verifyChain(chain.seal(binding), trusted, { binding });
      expect(verdict.valid && verdict.payloads).toEqual(said);
      const again = openChain(chain.handOver());
      const other = verifyChain(again.seal(binding), trusted, { binding });
      expect(other).toEqual(verdict);
    }),
    RUNS
  );
});

test("bytes that decode encode to the same bytes, and garbage gets a verdict", () => {
  fc.assert(
    fc.property(payloads, (said) => {
      const sealed = chainOf(said).seal();
      expect(encodeChain(partsOf(sealed))).toEqual(sealed);
    }),
    RUNS
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, headed) => {
      const bytes = headed ? Uint8Array.from([0x56, 0x43, 0x48, 1, 2, ...issuer.publicKey, 1, ...noise]) : noise;
      expect(accepted(bytes)).toBe(false);
      const parts = decodeChain(bytes);
      if (typeof parts !== "string") expect(encodeChain(parts)).toEqual(bytes);
    }),
    { numRuns: 500 }
  );
});

test("no bit can be flipped, and no byte dropped or added", () => {
  fc.assert(
    fc.property(payloads, fc.nat(), fc.nat(7), (said, place, bit) => {
      const sealed = chainOf(said).seal();
      const at = place % sealed.length;
      expect(accepted(sealed.with(at, sealed[at]! ^ (1 << bit)))).toBe(false);
      expect(accepted(Uint8Array.from([...sealed.subarray(0, at), ...sealed.subarray(at + 1)]))).toBe(false);
      expect(accepted(Uint8Array.from([...sealed, bit]))).toBe(false);
    }),
    { numRuns: 150 }
  );
});

// Every rearrangement of two chains' blocks that an attacker without secrets can build, under each of their proofs.
test("after truncation, reordering, splicing and repetition, only the two original chains are valid", () => {
  const two = fc.array(payload, { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(two, two, fc.array(fc.nat(7), { minLength: 1, maxLength: 5 }), fc.boolean(), (a, b, picks, ofA) => {
      const chains = [partsOf(chainOf(a).seal()), partsOf(chainOf(b).seal())] as const;
      const pool: readonly Block[] = [...chains[0].blocks, ...chains[1].blocks];
      const blocks = picks.map((pick) => pool[pick % pool.length]!);
      const genuine = chains.some((chain) => sameBlocks(chain.blocks, blocks) && chain === chains[ofA ? 0 : 1]);
      const forged = encodeChain({ ...chains[ofA ? 0 : 1], blocks });
      expect(accepted(forged)).toBe(genuine);
    }),
    { numRuns: 200 }
  );
});

function sameBlocks(a: readonly Block[], b: readonly Block[]): boolean {
  return a.length === b.length && a.every((block, index) => block === b[index]);
}

test("trailing blocks cannot be removed by the holder of the last secret", () => {
  fc.assert(
    fc.property(fc.array(payload, { minLength: 2, maxLength: 5 }), fc.nat(), (said, cut) => {
      const chain = chainOf(said);
      const { blocks, issuer: named } = partsOf(chain.seal());
      const kept = blocks.slice(0, 1 + (cut % (blocks.length - 1)));
      const secret = importKey("ed25519", partsOf(chain.handOver()).proof);
      const holder = ed25519.signer(secret);
      // A seal by the last secret over the shorter chain, and an open chain with it.
      const proof = holder.sign(sealMessage(stateOf(kept), new Uint8Array()));
      expect(accepted(encodeChain({ kind: "sealed", issuer: named, blocks: kept, proof }))).toBe(false);
      secret.use((bytes) => {
        const open = encodeChain({ kind: "open", issuer: named, blocks: kept, proof: bytes });
        expect(() => openChain(open)).toThrow("another secret");
      });
      // Nor can another block take the place of the last.
      expect(accepted(sealedBy(named, kept, holder, new Uint8Array(3)))).toBe(false);
    }),
    RUNS
  );
});

function stateOf(blocks: readonly Block[], of: Uint8Array = issuer.publicKey): Uint8Array {
  return blocks.reduce((state, block) => nextState(blockRecord(state, block), block.signature), firstState(of));
}

/** Adds a block signed by `signer`, and seals with the key that the block names. */
function sealedBy(
  of: Uint8Array,
  blocks: readonly Block[],
  signer: Pick<Signer, "sign">,
  said: Uint8Array
): Uint8Array {
  const next = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(9)));
  const unsigned = { nextKey: next.publicKey, payload: said };
  const all = [...blocks, { ...unsigned, signature: signer.sign(blockRecord(stateOf(blocks, of), unsigned).message) }];
  return encodeChain({
    kind: "sealed",
    issuer: of,
    blocks: all,
    proof: next.sign(sealMessage(stateOf(all, of), new Uint8Array())),
  });
}

test("a sealed chain cannot be extended, neither with the issuer's key nor with another", () => {
  const stranger = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(8)));
  fc.assert(
    fc.property(payloads, payload, (said, more) => {
      const { blocks, issuer: named } = partsOf(chainOf(said).seal());
      for (const signer of [stranger, issuer]) expect(accepted(sealedBy(named, blocks, signer, more))).toBe(false);
      expect(accepted(sealedBy(stranger.publicKey, [], stranger, more))).toBe(false); // a chain of a stranger's own
      expect(accepted(sealedBy(named, [], issuer, more))).toBe(true); // the harness itself can forge what it may
    }),
    { numRuns: 30 }
  );
});

test("a signature of one kind does not pass for another, nor does one of an issuer's other messages", () => {
  const chain = chainOf([new Uint8Array(4), new Uint8Array(4)]);
  const { blocks, issuer: named } = partsOf(chain.seal());
  const secret = importKey("ed25519", partsOf(chain.handOver()).proof);
  const last = ed25519.signer(secret);
  // The seal's message signed as a block's, and the reverse.
  const asBlock = (message: Uint8Array): Uint8Array =>
    Uint8Array.from([...new TextEncoder().encode("void-chain/1 block\n"), ...message.subarray(18)]);
  const proof = last.sign(asBlock(sealMessage(stateOf(blocks), new Uint8Array())));
  expect(accepted(encodeChain({ kind: "sealed", issuer: named, blocks, proof }))).toBe(false);
  expect(accepted(encodeChain({ kind: "sealed", issuer: named, blocks, proof: last.sign(stateOf(blocks)) }))).toBe(
    false
  );
});

test("keys and R with a torsion part, of small order or not canonical get one verdict on both paths, and gain nothing", () => {
  ed.hashes.sha512 = sha512;
  const native = nativeVerifierUnder(nodeCrypto);
  const torsion = ed.Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
  const seed = new Uint8Array(32).fill(5);
  const { scalar, point } = ed.utils.getExtendedPublicKey(seed);
  const order = ed.Point.CURVE().n;
  const little = (value: bigint): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));
  const big = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes.toReversed()).toString("hex")}`);
  const verdicts = new Set<boolean>();
  fc.assert(
    fc.property(fc.nat(7), fc.nat(7), fc.bigInt({ min: 1n, max: order - 1n }), payload, (inKey, inR, r, said) => {
      const shift = (to: ed.Point, by: number): ed.Point =>
        Array.from({ length: by }).reduce<ed.Point>((sum) => sum.add(torsion), to);
      const key = shift(point, inKey).toBytes();
      // The issuer names a key with a torsion part: then its holder seals with an R that may have one.
      const unsigned = { nextKey: key, payload: said };
      const blocks = [
        { ...unsigned, signature: issuer.sign(blockRecord(firstState(issuer.publicKey), unsigned).message) },
      ];
      const message = sealMessage(stateOf(blocks), new Uint8Array());
      const R = shift(ed.Point.BASE.multiply(r), inR).toBytes();
      const k = big(sha512(Uint8Array.from([...R, ...key, ...message]))) % order;
      const proof = Uint8Array.from([...R, ...little((r + k * scalar) % order)]);
      const verdict = accepted(encodeChain({ kind: "sealed", issuer: issuer.publicKey, blocks, proof }));
      expect(native(key)(message, proof)).toBe(verdict);
      expect(portableVerifierUnder(key)(message, proof)).toBe(verdict);
      verdicts.add(verdict);
    }),
    { numRuns: 80, seed: 3 }
  );
  expect(verdicts).toEqual(new Set([true, false]));
  // Keys of small order, for which anyone can sign, are refused.
  for (let by = 0; by < 8; by += 1) {
    const small = Array.from({ length: by })
      .reduce<ed.Point>((sum) => sum.add(torsion), ed.Point.ZERO)
      .toBytes();
    const unsigned = { nextKey: small, payload: new Uint8Array() };
    const blocks = [
      { ...unsigned, signature: issuer.sign(blockRecord(firstState(issuer.publicKey), unsigned).message) },
    ];
    for (let inR = 0; inR < 8; inR += 1) {
      const R = Array.from({ length: inR })
        .reduce<ed.Point>((sum) => sum.add(torsion), ed.Point.ZERO)
        .toBytes();
      const proof = Uint8Array.from([...R, ...new Uint8Array(32)]);
      expect(accepted(encodeChain({ kind: "sealed", issuer: issuer.publicKey, blocks, proof }))).toBe(false);
    }
  }
});

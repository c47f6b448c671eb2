import { describe, expect, test } from "vitest";
import {
  CHAIN_BLOCKS_MAX,
  ed25519,
  generateKey,
  importKey,
  InvalidChainError,
  InvalidOptionError,
  InvalidRandomnessError,
  loadPublicKey,
  mintChain,
  openChain,
  type Random,
  verifyChain,
} from "../src/index.ts";
import { xWing } from "../src/post-quantum/index.ts";
import { type Block, encodeChain } from "../src/chain/chain-format.ts";
import { blockRecord, firstState, nextState } from "../src/chain/internal/chain-transcript.ts";

const issuer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
const trusted = loadPublicKey(issuer.publicKey);
const PAYLOAD = Uint8Array.of(1, 2, 3);
const seedOf = (number: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, index) => number + index);

/** Returns the given bytes in order, then again from the beginning. */
function scripted(...given: readonly unknown[]): Random & { readonly asked: number[] } {
  const asked: number[] = [];
  return { asked, bytes: (length) => given[(asked.push(length) - 1) % given.length] as Uint8Array };
}

/** Every function that draws randomness, as one call each. */
const draws: readonly (readonly [string, number, (random: Random) => unknown])[] = [
  ["generateKey", 32, (random) => generateKey("ed25519", { random })],
  ["generateKey, hybrid", 64, (random) => generateKey("ml-dsa-65+ed25519", { random })],
  ["mintChain", 32, (random) => mintChain(issuer, PAYLOAD, { random })],
  [
    "attenuate after openChain",
    32,
    (random) => openChain(mintChain(issuer, PAYLOAD).handOver(), { random }).attenuate(PAYLOAD),
  ],
  ["encapsulate", 64, (random) => xWing.encapsulate(xWing.publicKeyOf(importKey("x-wing", seedOf(1))), { random })],
];

test("refuses a source that restarts at each draw, whatever length is drawn", () => {
  const stuck = (): Random => ({ bytes: (length) => Uint8Array.from({ length }, (_, index) => 5 + index) });
  for (const [first, then] of [["ed25519", "ml-dsa-65+ed25519"], ["ml-dsa-65+ed25519", "ed25519"]] as const) {
    const random = stuck();
    generateKey(first, { random });
    expect(() => generateKey(then, { random })).toThrow(InvalidRandomnessError); // its seed is the other key's
  }
});

describe.each(draws)("%s", (_name, length, draw) => {
  const good = (from: number): Uint8Array => Uint8Array.from({ length }, (_, index) => from + index);

  test("draws once from the given source, as much as needed, and zeroes the source's buffer", () => {
    const given = good(5);
    const random = scripted(given);
    draw(random);
    expect(random.asked).toEqual([length]);
    expect(given).toEqual(new Uint8Array(length));
  });

  test("refuses bytes that are not random", () => {
    const wrong = [
      new Uint8Array(length),
      new Uint8Array(length).fill(9),
      new Uint8Array(length - 1),
      new Uint8Array(length + 1),
      new Uint8Array(),
      "x".repeat(length),
      Promise.resolve(good(1)),
      undefined,
      [1],
    ];
    for (const given of wrong) expect(() => draw(scripted(given))).toThrow(InvalidRandomnessError);
  });

  test("refuses a source that repeats itself, at the second draw, with an error that does not show its bytes", () => {
    const stuck: Random = { bytes: () => good(200) };
    draw(stuck);
    expect(() => draw(stuck)).toThrow(/the same bytes as at the previous draw/);
    expect(() => draw(stuck)).not.toThrow(/200|c8/);
    draw(scripted(good(200))); // another source is independent
    const own = good(1);
    draw({ bytes: () => own }); // the source's own buffer: overwritten after the draw
    expect(own).toEqual(new Uint8Array(length));
  });

  test("refuses a seed in place of a source", () => {
    for (const seed of [good(1), 7, "seed", null, {}])
      expect(() => draw(seed as unknown as Random)).toThrow(InvalidOptionError);
  });
});

test("a key consists of the drawn bytes, and so does the last secret of a chain", () => {
  expect(generateKey("hmac-sha256", { random: scripted(seedOf(1)) }).use((bytes) => bytes.slice())).toEqual(seedOf(1));
  const chain = mintChain(issuer, PAYLOAD, { random: scripted(seedOf(1), seedOf(2)) });
  expect(chain.attenuate(PAYLOAD).handOver().subarray(-32)).toEqual(seedOf(2));
  expect(chain.handOver().subarray(-32)).toEqual(seedOf(1));
});

test("without a source, no two keys are alike", () => {
  const keys = Array.from({ length: 50 }, () =>
    generateKey("ed25519").use((bytes) => Buffer.from(bytes).toString("hex"))
  );
  expect(new Set(keys).size).toBe(50);
  const ends = Array.from({ length: 10 }, () => Buffer.from(mintChain(issuer, PAYLOAD).handOver()).toString("hex"));
  expect(new Set(ends).size).toBe(10);
});

describe("a key that recurs within a chain", () => {
  test("is refused when it is drawn, be it the issuer's or a block's, and another draw succeeds", () => {
    const random = scripted(seedOf(1), seedOf(2), seedOf(1), new Uint8Array(issuerSeed), seedOf(3));
    const chain = mintChain(otherIssuer, PAYLOAD, { random }).attenuate(PAYLOAD);
    expect(() => chain.attenuate(PAYLOAD)).toThrow(/a key that the chain has/);
    expect(() => chain.attenuate(PAYLOAD)).toThrow(/a key that the chain has/);
    const sealed = chain.attenuate(PAYLOAD).seal();
    expect(verifyChain(sealed, loadPublicKey(otherIssuer.publicKey)).valid).toBe(true);
  });

  // As a careless library would make it: each signature is valid, but the holder of the chain at the end has the secret of
  // an earlier block too, and could take off the blocks added in between.
  const issuerSeed = seedOf(90);
  const otherIssuer = ed25519.signer(importKey("ed25519", issuerSeed));
  test.each([
    ["a block's", [seedOf(1), seedOf(2), seedOf(1)]],
    ["the block's before", [seedOf(1), seedOf(1)]],
    ["the issuer's", [seedOf(1), issuerSeed]],
    [
      "the first of many",
      Array.from({ length: CHAIN_BLOCKS_MAX }, (_, index) => seedOf(index === CHAIN_BLOCKS_MAX - 1 ? 0 : index)),
    ],
  ])("is refused in verifying and opening: %s", (_name, seeds) => {
    let [state, by] = [firstState(otherIssuer.publicKey), otherIssuer];
    const blocks: Block[] = [];
    for (const seed of seeds) {
      const next = ed25519.signer(importKey("ed25519", seed));
      const record = blockRecord(state, { nextKey: next.publicKey, payload: PAYLOAD });
      const signature = by.sign(record.message);
      blocks.push({ nextKey: next.publicKey, payload: PAYLOAD, signature });
      [state, by] = [nextState(record, signature), next];
    }
    const parts = { issuer: otherIssuer.publicKey, blocks };
    const open = encodeChain({ ...parts, kind: "open", proof: seeds.at(-1)! });
    const sealed = encodeChain({ ...parts, kind: "sealed", proof: by.sign(new Uint8Array(64)) });
    expect(() => openChain(open)).toThrow(InvalidChainError);
    expect(() => openChain(open)).toThrow(/each key once/);
    expect(verifyChain(sealed, [trusted, loadPublicKey(otherIssuer.publicKey)])).toMatchObject({
      valid: false,
      reason: "malformed",
    });
  });
});

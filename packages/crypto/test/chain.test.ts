import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { LinearTypeError } from "@void-system/linear";
import { expect, test } from "vitest";
import {
  CHAIN_BLOCKS_MAX,
  CHAIN_BYTES_MAX,
  CHAIN_PAYLOAD_BYTES_MAX,
  ChainLimitError,
  ed25519,
  generateKey,
  importKey,
  InvalidChainError,
  InvalidOptionError,
  loadPublicKey,
  mintChain,
  type OpenChain,
  openChain,
  readChain,
  SecretDestroyedError,
  type Signer,
  verifyChain,
} from "../src/index.ts";
import { type ChainParts, decodeChain, encodeChain } from "../src/chain/chain-format.ts";
import { blockRecord, firstState, nextState, sealMessage } from "../src/chain/internal/chain-transcript.ts";
import { bytesOf } from "./compliance.ts";

const issuer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
const trusted = loadPublicKey(issuer.publicKey);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function reasonOf(bytes: Uint8Array, binding?: Uint8Array): string {
  const verdict = verifyChain(bytes, trusted, binding === undefined ? {} : { binding });
  return verdict.valid ? "valid" : verdict.reason;
}

test("a chain is minted, attenuated, handed over, sealed, and verified with the issuer's public key", () => {
  const minted = mintChain(issuer, text("read and write"));
  const bytes = minted.attenuate(text("read")).handOver();
  const theirs = openChain(bytes).attenuate(text("until noon"));
  const verdict = verifyChain(theirs.seal(), [loadPublicKey(ed25519.signer(generateKey("ed25519")).publicKey), trusted]);
  expect(verdict).toMatchObject({ valid: true, issuer: trusted.keyId });
  expect(verdict.valid && verdict.payloads).toEqual([text("read and write"), text("read"), text("until noon")]);
  expect(theirs.payloads).toEqual([text("read and write"), text("read"), text("until noon")]);
  const [first] = verdict.valid ? verdict.names : [];
  const direct = verifyChain(minted.seal(), trusted);
  expect(direct.valid && direct.names).toEqual([first]); // what to revoke, to revoke all that came of it
});

test("a seal is for one binding", () => {
  const chain = mintChain(issuer, text("read"));
  expect(reasonOf(chain.seal(text("request 1")), text("request 1"))).toBe("valid");
  expect(reasonOf(chain.seal(text("request 1")), text("request 2"))).toBe("bad-seal");
  expect(reasonOf(chain.seal(text("request 1")))).toBe("bad-seal");
  expect(reasonOf(chain.seal(), text("request 1"))).toBe("bad-seal");
});

test("the last secret is zeroed once it is handed over or destroyed, and every later use throws", () => {
  for (const end of [(chain: OpenChain) => void chain.handOver(), (chain: OpenChain) => chain.destroy()]) {
    const chain = mintChain(issuer, text("read"));
    expect(chain.destroyed).toBe(false);
    end(chain);
    chain.destroy();
    expect(chain.destroyed).toBe(true);
    expect(() => chain.attenuate(text("x"))).toThrow(SecretDestroyedError);
    expect(() => chain.seal()).toThrow(SecretDestroyedError);
    expect(() => chain.handOver()).toThrow(SecretDestroyedError);
    expect(() => chain.handOver()).not.toThrow(LinearTypeError);
  }
  let outside: OpenChain;
  {
    using chain = mintChain(issuer, text("read"));
    outside = chain;
  }
  expect(outside.destroyed).toBe(true);
});

test("an open chain is not accepted as sealed, nor a sealed one as open", () => {
  const chain = mintChain(issuer, text("read"));
  const sealed = chain.seal();
  expect(() => openChain(sealed)).toThrow(InvalidChainError);
  const open = chain.handOver();
  expect(reasonOf(open)).toBe("open");
  // A seal in place of the secret, and the reverse, have the wrong length and are refused.
  expect(reasonOf(withByte(open, 4, 2))).toBe("malformed");
  expect(() => openChain(withByte(sealed, 4, 1))).toThrow(InvalidChainError);
});

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return bytes.with(at, value);
}

test("the secret of another chain opens nothing", () => {
  const [a, b] = [mintChain(issuer, text("read")).handOver(), mintChain(issuer, text("read")).handOver()];
  const swapped = a.slice();
  swapped.set(b.subarray(-32), a.length - 32);
  expect(() => openChain(swapped)).toThrow(/another secret/);
});

test("chains beyond the limits are refused, in making and in verifying", () => {
  let chain = mintChain(issuer, new Uint8Array(CHAIN_PAYLOAD_BYTES_MAX));
  for (let count = 1; count < CHAIN_BLOCKS_MAX; count += 1) chain = chain.attenuate(new Uint8Array(CHAIN_PAYLOAD_BYTES_MAX));
  const largest = chain.seal();
  expect(largest.length).toBe(CHAIN_BYTES_MAX);
  expect(reasonOf(largest)).toBe("valid");
  expect(() => chain.attenuate(text("x"))).toThrow(ChainLimitError);
  expect(() => mintChain(issuer, new Uint8Array(CHAIN_PAYLOAD_BYTES_MAX + 1))).toThrow(ChainLimitError);
  expect(reasonOf(Uint8Array.from([...largest, 0]))).toBe("malformed");
  expect(openChain(chain.handOver()).payloads.length).toBe(CHAIN_BLOCKS_MAX);
});

test("an issuer whose key is destroyed mints nothing", () => {
  const key = generateKey("ed25519");
  const signer = ed25519.signer(key);
  key.destroy();
  expect(() => mintChain(signer, text("x"))).toThrow(SecretDestroyedError);
});

// Frozen: docs/format.md. Written by version 0.1 with the issuer's seed of 32 bytes 0x07.
const frozen: { sealed: string; binding: string; open: string; payloads: string[]; names: string[] } =
  JSON.parse(readFileSync(new URL("vectors/chain.json", import.meta.url), "utf8"));

test("the format is frozen", () => {
  const verdict = verifyChain(bytesOf(frozen.sealed), trusted, { binding: text(frozen.binding) });
  expect(verdict.valid && verdict.payloads).toEqual(frozen.payloads.map(text));
  expect(verdict.valid && verdict.names).toEqual(frozen.names.map(bytesOf));
  // Deterministic from the open chain on: the same secret seals to the same bytes.
  const chain = openChain(bytesOf(frozen.open));
  expect(chain.seal(text(frozen.binding))).toEqual(bytesOf(frozen.sealed));
  expect(chain.handOver()).toEqual(bytesOf(frozen.open));
});

test("a chain of another issuer is refused as such", () => {
  const other = loadPublicKey(ed25519.signer(generateKey("ed25519")).publicKey);
  const verdict = verifyChain(bytesOf(frozen.sealed), other, { binding: text(frozen.binding) });
  expect(verdict).toMatchObject({ valid: false, reason: "unknown-issuer" });
  expect(verifyChain(bytesOf(frozen.sealed), [])).toMatchObject({ valid: false, reason: "unknown-issuer" });
});

test("a chain never shows its secret", () => {
  const chain = openChain(bytesOf(frozen.open));
  const secret = frozen.open.slice(-64);
  const shown = [JSON.stringify({ chain }), `${chain}`, inspect(chain, { showHidden: true, depth: 9 }), JSON.stringify({ ...chain })].join("\n");
  expect(shown).not.toContain(secret.slice(0, 8));
  expect(shown).not.toContain(bytesOf(secret).subarray(0, 4).join(", "));
  expect(JSON.stringify(chain)).toBe('{"blocks":2,"secret":"[hidden]"}');
});

test("a signer that is not of Ed25519, or is asynchronous, mints nothing", () => {
  const signers: Signer[] = [
    { ...issuer, sign: (bytes) => Promise.resolve(issuer.sign(bytes)) as unknown as Uint8Array },
    { ...issuer, sign: () => new Uint8Array(63) },
    { ...issuer, sign: () => new Uint8Array(3_309) },
    { ...issuer, publicKey: new Uint8Array(1_952) },
  ];
  for (const signer of signers) expect(() => mintChain(signer, text("x"))).toThrow(InvalidOptionError);
});

test("changing the bytes that a chain returns changes neither this chain nor the issuer's others", () => {
  const chain = mintChain(issuer, text("read"));
  chain.issuer.fill(0);
  chain.payloads[0]!.fill(0);
  expect(chain.issuer).toEqual(issuer.publicKey);
  expect(reasonOf(chain.seal())).toBe("valid");
  expect(reasonOf(mintChain(issuer, text("read")).attenuate(text("x")).seal())).toBe("valid");
});

test("a signer may reuse the buffer of its signatures", () => {
  const buffer = new Uint8Array(64);
  const agent: Signer = { ...issuer, sign: (bytes) => (buffer.set(issuer.sign(bytes)), buffer) };
  const chains = [text("a"), text("b")].map((payload) => mintChain(agent, payload));
  for (const chain of chains) expect(reasonOf(chain.attenuate(text("c")).seal())).toBe("valid");
});

test("a signer whose key has changed begins its chains with the new key", () => {
  const next = ed25519.signer(generateKey("ed25519"));
  const agent = { ...issuer };
  mintChain(agent, text("read"));
  Object.assign(agent, next);
  const verdict = verifyChain(mintChain(agent, text("read")).seal(), loadPublicKey(next.publicKey));
  expect(verdict.valid).toBe(true);
});

test("a chain inside another's payload, a seal and a block are not mistaken for each other", () => {
  const minted = mintChain(issuer, text("read"));
  const sealed = minted.seal();
  // Inside a payload, a chain is only a payload.
  const outer = mintChain(issuer, sealed);
  const verdict = verifyChain(outer.seal(), trusted);
  expect(verdict.valid && verdict.payloads).toEqual([sealed]);
  // A payload that is the message of a seal gets a block's signature, not a seal.
  const parts = partsOf(sealed);
  const state = nextState(blockRecord(firstState(issuer.publicKey), parts.blocks[0]!), parts.blocks[0]!.signature);
  const trick = partsOf(minted.attenuate(sealMessage(state, new Uint8Array())).seal());
  for (const proof of trick.blocks.map(({ signature }) => signature))
    expect(reasonOf(encodeChain({ ...parts, proof }))).toBe("bad-seal");
  // A seal's signature in a block's place: over the same state, with a binding that looks like key and payload.
  const { nextKey, payload } = trick.blocks[1]!;
  const seal = partsOf(minted.seal(Uint8Array.from([...nextKey, ...payload]))).proof;
  const blocks = [parts.blocks[0]!, { nextKey, payload, signature: seal }];
  expect(reasonOf(encodeChain({ ...trick, blocks }))).toBe("bad-signature");
});

function partsOf(bytes: Uint8Array): ChainParts {
  const parts = decodeChain(bytes);
  if (typeof parts === "string") throw new Error(parts);
  return parts;
}

test("hostile lengths are refused before they cost time or memory", () => {
  const huge = new Uint8Array(50_000_000);
  huge.set(mintChain(issuer, text("x")).seal());
  const before = process.memoryUsage().arrayBuffers;
  expect(reasonOf(huge)).toBe("malformed");
  expect(() => openChain(huge)).toThrow(InvalidChainError);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
});

test("changing the bytes after verifying does not change the verdict", () => {
  const bytes = mintChain(issuer, text("read")).seal();
  const verdict = verifyChain(bytes, trusted);
  bytes.fill(0);
  expect(verdict.valid && verdict.payloads).toEqual([text("read")]);
});

test("an object that only looks like an issuer's key is not trusted", () => {
  const bytes = mintChain(issuer, text("read")).seal();
  const forged = { algorithm: "ed25519", keyId: trusted.keyId, toBytes: () => trusted.toBytes() } as const;
  expect(() => verifyChain(bytes, forged)).toThrow(InvalidOptionError);
  expect(() => verifyChain(bytes, [trusted, forged])).toThrow(/loaded with loadPublicKey/);
});

test("a chain is read without a verdict; anything else is none", () => {
  const chain = mintChain(issuer, text("read")).attenuate(text("until noon"));
  const contents = { issuer: issuer.publicKey, payloads: [text("read"), text("until noon")] };
  const sealed = chain.seal();
  expect(readChain(sealed)).toEqual({ kind: "sealed", ...contents });
  sealed[sealed.length - 1]! ^= 1;
  expect(readChain(sealed)).toEqual({ kind: "sealed", ...contents });
  expect(readChain(chain.handOver())).toEqual({ kind: "open", ...contents });
  for (const bad of [sealed.subarray(1), new Uint8Array(CHAIN_BYTES_MAX + 1), "text", undefined]) expect(readChain(bad as never)).toBeUndefined();
});

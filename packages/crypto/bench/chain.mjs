/** Measures chains against the minimum of bare node:crypto for the same signatures, and against Biscuit. */
import * as crypto from "node:crypto";
import { ed25519, generateKey, loadPublicKey, mintChain, openChain, verifyChain } from "../dist/index.js";
import { loadBiscuit } from "./biscuit.mjs";
import { bare, compare } from "./compare.mjs";

const PAYLOAD = new TextEncoder().encode('check if operation("read")');

/** The minimum that a block needs: a key with its secret as bytes and its public half. */
function bareKey() {
  const seed = crypto.randomBytes(32);
  const jwk = {
    kty: "OKP",
    crv: "Ed25519",
    d: seed.toString("base64url"),
    x: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  };
  const privateKey = crypto.createPrivateKey({ key: jwk, format: "jwk" });
  const publicKey = crypto.createPublicKey(privateKey);
  return { seed, privateKey, publicKey, x: publicKey.export({ format: "jwk" }).x };
}

function chainOf(signer, depth) {
  let chain = mintChain(signer, PAYLOAD);
  for (let count = 1; count < depth; count += 1) chain = chain.attenuate(PAYLOAD);
  return chain;
}

/** Verifies `depth` blocks and a seal: the first key is prepared, the others are new each time. */
function bareVerify(depth) {
  const keys = Array.from({ length: depth + 1 }, bareKey);
  const message = crypto.randomBytes(120);
  const signatures = keys.map(({ privateKey }) => crypto.sign(null, message, privateKey));
  return () => {
    let key = keys[0].publicKey;
    for (let at = 0; at <= depth; at += 1) {
      if (at > 0) key = crypto.createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: keys[at].x }, format: "jwk" });
      if (!crypto.verify(null, message, key, signatures[at])) throw new Error("expected a signature that holds");
    }
  };
}

function biscuitWork(biscuit) {
  if (biscuit === undefined) return {};
  const { Biscuit, KeyPair, SignatureAlgorithm } = biscuit;
  const pair = new KeyPair(SignatureAlgorithm.Ed25519);
  const [secret, root] = [pair.getPrivateKey(), pair.getPublicKey()];
  const mint = () => {
    const builder = Biscuit.builder();
    builder.addCode('user("1234")');
    return builder.build(secret);
  };
  const attenuate = (token) => {
    const block = Biscuit.block_builder();
    block.addCode('check if operation("read")');
    return token.appendBlock(block);
  };
  const sealed = (depth) => {
    let token = mint();
    for (let count = 1; count < depth; count += 1) token = attenuate(token);
    return token.sealToken().toBytes();
  };
  return { mint, attenuate, sealed, verify: (bytes) => Biscuit.fromBytes(bytes, root) };
}

export async function chainRows() {
  const biscuit = await loadBiscuit();
  const theirs = biscuitWork(biscuit);
  const peer = (work) => ({ name: "@biscuit-auth/biscuit-wasm", version: biscuit?.version ?? "", kind: "peer", work });
  const signer = ed25519.signer(generateKey("ed25519"));
  const trusted = loadPublicKey(signer.publicKey);
  const issuer = bareKey();
  const message = crypto.randomBytes(120);
  const block = () => {
    bareKey();
    crypto.sign(null, message, issuer.privateKey);
  };
  const kept = chainOf(signer, 3);
  const token = theirs.mint?.();
  const rows = [
    await compare(
      "chain: mint",
      { turns: 500, bar: 0.88 },
      () => mintChain(signer, PAYLOAD).destroy(),
      bare(block),
      peer(theirs.mint && (() => theirs.mint().free()))
    ),
    await compare(
      "chain: attenuate",
      { turns: 500, bar: 0.88 },
      () => kept.attenuate(PAYLOAD).destroy(),
      bare(block),
      peer(token && (() => theirs.attenuate(token).free()))
    ),
    await compare(
      "chain: seal",
      { turns: 300, bar: 0.9 },
      () => kept.seal(),
      bare(() => crypto.sign(null, message, issuer.privateKey))
    ),
  ];
  for (const depth of [1, 4, 16]) {
    const sealed = chainOf(signer, depth).seal();
    const other = theirs.sealed?.(depth);
    const ours = () => {
      if (!verifyChain(sealed, trusted).valid) throw new Error("expected a chain that holds");
    };
    const turns = Math.ceil(800 / depth); // long enough for each to pay its own garbage collections
    rows.push(
      await compare(
        `chain: verify ${depth} blocks and a seal`,
        { turns, bar: depth === 1 ? 0.85 : 0.9 },
        ours,
        bare(bareVerify(depth)),
        peer(other && (() => theirs.verify(other).free()))
      )
    );
  }
  const open = chainOf(signer, 4).handOver();
  openChain(open).destroy();
  return rows;
}

import type { KeyObject } from "node:crypto";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { type Combiner, combineKEMS, expandSeedXof, type ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import type { KEM } from "@noble/post-quantum/utils.js";
import { SECRET_KEY_BYTES } from "../../keys/secret-key.ts";
import type { NodeCrypto } from "../../internal/builtin-crypto.ts";
import { PKCS8_PREFIX } from "../der.ts";

/** Length of X25519 scalars, points and shared secrets, in bytes. */
const X25519_BYTES = 32;
/** Prefix of an Ed25519 key, except for the end of the algorithm's name: 1.3.101.110 (RFC 8410 §3). */
const X25519_PREFIX: Uint8Array = /* @__PURE__ */ PKCS8_PREFIX.with(11, 0x6e);
/** X-Wing's label (§5.3 of the draft): `\.//^\`. */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

/** X-Wing on bytes, with noble's interface. */
export type XWingOnBytes = Pick<typeof ml_kem768_x25519, "getPublicKey" | "encapsulate" | "decapsulate">;

/**
 * Builds X-Wing with X25519 on OpenSSL, which runs in constant time and draws no randomness. (noble blinds its
 * arithmetic with randomness, which a simulated world must refuse.) ML-KEM-768 and the combiner are noble's.
 */
export function nativeXWing(crypto: NodeCrypto): XWingOnBytes {
  return combineKEMS(
    SECRET_KEY_BYTES,
    SECRET_KEY_BYTES,
    expandSeedXof(shake256),
    combined,
    ml_kem768,
    x25519Kem(crypto)
  );
}

/** Never used: there are two mechanisms, so two of each, and noble always passes the randomness. */
const NOTHING = new Uint8Array();

/** Combines the two shared secrets (§5.3 of the draft). ML-KEM binds its own ciphertext and key, X25519 does not. */
const combined: Combiner = ([, publicKey = NOTHING], [, ciphertext = NOTHING], secrets) =>
  sha3_256(concatBytes(...secrets, ciphertext, publicKey, LABEL));

/** Wraps X25519 (RFC 7748) as a KEM: the ciphertext is a public key used once. Throws for points of small order. */
function x25519Kem(crypto: NodeCrypto): KEM {
  const publicKeyOf = (secretKey: Uint8Array): Uint8Array<ArrayBuffer> => {
    const { x = "" } = crypto.createPublicKey(privateKeyOf(crypto, secretKey)).export({ format: "jwk" });
    return new Uint8Array(Buffer.from(x, "base64url"));
  };
  const shared = (theirs: Uint8Array, secretKey: Uint8Array): Uint8Array<ArrayBuffer> => {
    const x = Buffer.from(theirs).toString("base64url");
    const publicKey = crypto.createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
    const secret = crypto.diffieHellman({ privateKey: privateKeyOf(crypto, secretKey), publicKey });
    const own = new Uint8Array(secret);
    secret.fill(0);
    return own;
  };
  return {
    lengths: {
      publicKey: X25519_BYTES,
      secretKey: X25519_BYTES,
      seed: X25519_BYTES,
      msg: X25519_BYTES,
      cipherText: X25519_BYTES,
    },
    keygen: (seed = NOTHING) => ({ publicKey: publicKeyOf(seed), secretKey: new Uint8Array(seed) }),
    getPublicKey: publicKeyOf,
    encapsulate: (publicKey, seed = NOTHING) => ({
      cipherText: publicKeyOf(seed),
      sharedSecret: shared(publicKey, seed),
    }),
    decapsulate: shared,
  };
}

function privateKeyOf(crypto: NodeCrypto, scalar: Uint8Array): KeyObject {
  const der = Buffer.concat([X25519_PREFIX, scalar]);
  try {
    return crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } finally {
    der.fill(0);
  }
}

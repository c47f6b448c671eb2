/** A node's proof to itself that it signs with the key by which the cluster knows it. */
import type { PeerId } from "@void-system/effects";
import { domain } from "../codec/version.ts";
import { OwnKeyError } from "../errors.ts";
import type { Ports } from "../ports.ts";

const OWN_KEY = domain("own key");

/**
 * Signs something that means nothing to others, and verifies it with the key that is held for the node. Replicas and clients do
 * so when they start. Call it again after a change of keys.
 *
 * @throws {@link OwnKeyError} when the key does not verify the signature.
 * @example
 * ```ts
 * import { ed25519, generateKey } from "@void-system/crypto";
 * import { peerId } from "@void-system/effects";
 * import { OwnKeyError, portsOf, proveOwnKey } from "@void-system/pbft";
 * const [mine, other] = [0, 1].map(() => ed25519.signer(generateKey("ed25519")));
 * const ports = portsOf({ signer: mine!, publicKeyOf: (id) => (id === "a" ? mine : other)!.publicKey });
 * proveOwnKey(peerId("a"), ports);
 * let failure: unknown;
 * try {
 *   proveOwnKey(peerId("b"), ports);
 * } catch (error) {
 *   failure = error;
 * }
 * failure instanceof OwnKeyError; // => true
 * ```
 */
export function proveOwnKey(self: PeerId, { sign, verify }: Pick<Ports, "sign" | "verify">): void {
  if (!verify(self, OWN_KEY, sign(OWN_KEY))) throw new OwnKeyError(self);
}

import { OptionError } from "../errors.ts";
import { isName } from "./connection/hello.ts";
import { identify } from "./peers/identity.ts";
import { resolveLimits } from "./limits.ts";
import { Links } from "./links.ts";
import type { TlsOptions, TlsTransport } from "./tls-transport.ts";

/**
 * Opens mutually authenticated links over TLS 1.3: each side knows the other by its pinned Ed25519 key. Resolves when the
 * node listens. Links come up (`onLink`) as peers are reached, and reconnect by themselves.
 *
 * @throws OptionError, PeerError, CertificateError for options that cannot work.
 * @throws PortTakenError, ListenError if it cannot listen.
 * @example
 * ```ts
 * import { ed25519, generateKey } from "@void-system/crypto";
 * import { peerId } from "@void-system/effects";
 * import { createCertificate } from "@void-system/transport/certificate";
 * import { tls } from "@void-system/transport/tls";
 *
 * const [a, b] = [peerId("a"), peerId("b")];
 * const [keyA, keyB] = [generateKey("ed25519"), generateKey("ed25519")];
 * const alice = await tls({
 *   self: a,
 *   cluster: "docs",
 *   key: keyA,
 *   certificate: await createCertificate(keyA, { name: a }),
 *   peers: [{ id: b, publicKey: ed25519.signer(keyB).publicKey }],
 *   listen: { port: 0 },
 * });
 * const bob = await tls({
 *   self: b,
 *   cluster: "docs",
 *   key: keyB,
 *   certificate: await createCertificate(keyB, { name: b }),
 *   peers: [{ id: a, publicKey: ed25519.signer(keyA).publicKey, ...alice.address }],
 * });
 * const arrived = new Promise((resolve) => alice.onFrame((from, frame) => resolve([from, [...frame]])));
 * bob.onLink((peer, state) => state === "up" && bob.send(peer, Uint8Array.of(1, 2, 3)));
 * await arrived; // => ["b", [1, 2, 3]]
 * await Promise.all([alice.close(1_000), bob.close(1_000)]);
 * ```
 */
export async function tls(options: TlsOptions): Promise<TlsTransport> {
  checkNames(options);
  if (options.onHello !== undefined && typeof options.onHello !== "function") throw new OptionError("onHello", "a function", typeof options.onHello);
  if (!isName(options.cluster)) throw new OptionError("cluster", "1 to 64 characters out of A-Z a-z 0-9 . _ : @ -", options.cluster);
  const links = new Links(options, identify(options.key, options.certificate), resolveLimits(options.limits));
  await links.open(options.peers, options.listen);
  return links;
}

const NAMES: Readonly<Record<keyof TlsOptions, true>> = {
  self: true,
  cluster: true,
  key: true,
  certificate: true,
  peers: true,
  listen: true,
  hello: true,
  onHello: true,
  limits: true,
  clock: true,
  random: true,
  logger: true,
};

/** Refuses unknown options: a misspelt `onHello` would take every link. */
function checkNames(options: TlsOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(NAMES, name));
  if (unknown !== undefined) throw new OptionError(unknown, `absent: the options are ${Object.keys(NAMES).join(", ")}`, "an unknown name");
}

import { OptionError } from "../errors.ts";
import { isName, NAME_RULE } from "../name.ts";
import { requireCertificate, requireFunction, requireMethod, requireOptions } from "../options.ts";
import { Identity } from "./peers/identity.ts";
import { PORT_MAX } from "./peers/dialer.ts";
import { resolveLimits } from "./limits.ts";
import { Links } from "./links.ts";
import type { ListenAddress, TlsOptions, TlsTransport } from "./tls-transport.ts";

/**
 * Opens mutually authenticated links over TLS 1.3: each side knows the other by its pinned Ed25519 key. Resolves when the
 * node listens. Links come up (`onLink`) as peers are reached, and reconnect by themselves.
 *
 * @throws OptionError, PeerError, CertificateError for options that are unknown, of a wrong kind, or cannot work.
 * @throws SecretDestroyedError (of `@void-system/crypto`) if the key was destroyed.
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
  checkOptions(options);
  const limits = resolveLimits(options.limits);
  const links = new Links(options, new Identity(options.key, options.certificate), limits);
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
  records: true,
  hello: true,
  onHello: true,
  limits: true,
  clock: true,
  random: true,
  logger: true,
};

/** Refuses what the types refuse, for callers without types: a misspelt `onHello` would take every link. */
function checkOptions(options: TlsOptions): void {
  requireOptions("options", options, Object.keys(NAMES), "");
  const { self, cluster, key, certificate, listen, onHello, clock, random, logger } = options;
  if (!isName(self)) throw new OptionError("self", NAME_RULE, self);
  if (!isName(cluster)) throw new OptionError("cluster", NAME_RULE, cluster);
  if (key?.algorithm !== "ed25519") throw new OptionError("key", "an Ed25519 key, of generateKey or readKeyFile", key);
  requireCertificate(certificate);
  if (listen !== undefined) checkListen(listen);
  if (onHello !== undefined) requireFunction("onHello", onHello);
  requireMethod("clock", clock, "schedule");
  requireMethod("random", random, "next");
  if (random !== undefined) checkDrawn(random.next());
  requireMethod("logger", logger, "log");
}

function checkDrawn(drawn: unknown): void {
  if (typeof drawn !== "number" || !(drawn >= 0 && drawn < 1)) throw new OptionError("what random.next returns", "a number in [0, 1)", drawn);
}

function checkListen(listen: ListenAddress): void {
  requireOptions("listen", listen, ["host", "port"]);
  const { host, port } = listen;
  if (host !== undefined && (typeof host !== "string" || host === "")) throw new OptionError("listen.host", "an address or a name", host);
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX) throw new OptionError("listen.port", `a whole number of 0 to ${PORT_MAX}`, port);
}

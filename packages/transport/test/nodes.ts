import { ed25519, generateKey, type SecretKey } from "@void-system/crypto";
import { type Logger, type PeerId, peerId } from "@void-system/effects";
import { createCertificate } from "../src/certificate.ts";
import { tls, type TlsLimits, type TlsOptions, type TlsPeer, type TlsTransport } from "../src/tls/index.ts";

/** A node that tests make links for. */
export interface TestNode {
  readonly id: PeerId;
  readonly key: SecretKey<"ed25519">;
  readonly publicKey: Uint8Array;
  readonly certificate: string;
}

const made = new Map<string, Promise<TestNode>>();

async function make(name: string): Promise<TestNode> {
  const key = generateKey("ed25519");
  const certificate = await createCertificate(key, { name });
  return { id: peerId(name), key, publicKey: ed25519.signer(key).publicKey, certificate };
}

/** The node of a name, the same one in all tests of a file. */
export function node(name: string): Promise<TestNode> {
  const known = made.get(name) ?? make(name);
  made.set(name, known);
  return known;
}

/** Limits for impatient tests. Patience stays: on a busy machine two that dial at once would lose frames. */
const QUICK: Partial<TlsLimits> = { reconnectMinMs: 2, reconnectMaxMs: 20, handshakeBurst: 10_000 };

export interface OpenOptions extends Partial<Omit<TlsOptions, "limits" | "peers">> {
  readonly limits?: Partial<TlsLimits>;
  readonly peers?: readonly TlsPeer[];
  /** It does not listen, so it dials at once, whatever its id. */
  readonly dialOnly?: boolean;
}

/** Opens a node's transport: it listens on a free port unless told otherwise. */
export function openNode(self: TestNode, { dialOnly = false, ...options }: OpenOptions = {}): Promise<TlsTransport> {
  return tls({
    self: self.id,
    key: self.key,
    certificate: self.certificate,
    cluster: "test",
    peers: [],
    ...(!dialOnly && { listen: { port: 0 } }),
    ...options,
    limits: { ...QUICK, ...options.limits },
  });
}

/** How others list a node. */
export function listed(other: TestNode, transport?: TlsTransport): TlsPeer {
  return { id: other.id, publicKey: other.publicKey, ...transport?.address };
}

/** Opens all, then tells each of the others. */
export async function openAll(names: readonly string[], options: OpenOptions = {}): Promise<TlsTransport[]> {
  const nodes = await Promise.all(names.map(node));
  const transports = await Promise.all(nodes.map((self) => openNode(self, options)));
  transports.forEach((transport, index) => {
    transport.setPeers(nodes.flatMap((other, at) => (at === index ? [] : [listed(other, transports[at])])));
  });
  return transports;
}

/** A logger that keeps what it is told. */
export function collect(): Logger & { readonly events: string[] } {
  const events: string[] = [];
  return { events, log: (_level, event, fields) => events.push(`${event} ${JSON.stringify(fields)}`) };
}

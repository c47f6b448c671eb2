/**
 * The machine under a node's boot: keys, links, a world, listeners.
 */
import { statfsSync } from "node:fs";
import { type Network, type World, peerId, platformWorld, processHub } from "@void-system/effects";
import { type Clauses, type Eff, type Effect, effect, suspend } from "@void-system/effects/fibers";
import { nodeWorld } from "@void-system/effects/node";
import { fromPromise } from "@void-system/effects/world";
import type { LinearContext } from "@void-system/linear";
import type { TransportStats } from "@void-system/transport";
import { tls } from "@void-system/transport/tls";
import type { ParsedConfig } from "../config.ts";
import { type Identity, loadIdentity } from "./identity.ts";
import type { ListenAddress } from "../listen.ts";
import type { DiskSpace } from "../node/problems.ts";
import { nodeLogger } from "./logger.ts";

/** Frames that are queued when a node stops may take this long to leave. */
const CLOSE_DEADLINE_MS = 5_000;

/** Resource that is open until it is closed. */
export interface Open {
  /** Closes it, and returns when it is closed. */
  readonly close: () => Eff<never, void>;
}

/** Links to other nodes. */
export interface Links extends Open {
  readonly network: Network;
  /** Traffic over the links. Links inside a process count nothing. */
  stats(): TransportStats | undefined;
  /** Shows another certificate of the same key on new connections. Absent within a process, where no certificate is shown. @throws CertificateError (of `@void-system/transport`) */
  readonly renew?: (certificate: string) => void;
}

/** World of a node, on links that stay open when the node ends. */
interface OpenWorld extends Open {
  readonly world: World;
  /** Returns the disk space of the log. Absent for a log in memory. */
  readonly space?: () => DiskSpace | undefined;
}

/** Listeners for clients. */
interface Listener {
  listen(address: ListenAddress): Promise<ListenAddress>;
  close(): Promise<void>;
}

/** A listener that is open. */
interface Listening extends Open {
  readonly address: ListenAddress;
}

/** Operations of the machine. */
export interface HostOperations {
  /** The node's keys, as linear resources of `resources`. */
  identity(config: ParsedConfig, resources: LinearContext): Identity;
  /** Opens the listener for links. */
  links(config: ParsedConfig, identity: Identity): Links;
  /** Opens the world: the folder of the logs, clock, randomness, network. */
  world(config: ParsedConfig, network: Network): OpenWorld;
  /** Opens a listener. */
  listen(listener: Listener, address: ListenAddress): Listening;
}

/** The machine, as an effect: this one, or one in a test. */
export const Host: Effect<"void.host", HostOperations> = /* @__PURE__ */ effect<HostOperations>()("void.host");

/** This machine. */
export const thisHost: Clauses<HostOperations, never> = {
  identity: loadIdentity,
  links: (config, identity) =>
    identity.certificate !== undefined && config.link ? overTls(config, identity, identity.certificate) : withinProcess(identity),
  world: (config, network) => {
    const logger = nodeLogger(config);
    const directory = config.dataDirectory;
    if (directory === undefined) return { world: platformWorld({ network, logger }), close: nothing };
    const world = nodeWorld({ network, directory, logger });
    return { world, space: () => spaceAt(directory), close: () => suspend<void>((resume) => world.end(resume)) };
  },
  *listen(listener, address) {
    return { address: yield* fromPromise(() => listener.listen(address)), close: () => fromPromise(() => listener.close()) };
  },
};

/** Returns undefined if the operating system does not report it, which is no fault of the node. */
function spaceAt(directory: string): DiskSpace | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(directory);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}

function* nothing(): Generator<never, void> {}

function* overTls(config: ParsedConfig, { id, key }: Identity, certificate: string): Generator<never, Links> {
  const peers = config.peers.map(({ publicKey, ...peer }) => ({ ...peer, id: peerId(peer.id), publicKey: Buffer.from(publicKey, "base64url") }));
  const network = yield* fromPromise(() =>
    key.use((secret) =>
      tls({ self: id, cluster: config.cluster, key: secret, certificate, peers, ...(config.link && { listen: config.link }), logger: nodeLogger(config) }),
    ),
  );
  return {
    network,
    stats: () => network.stats(),
    renew: (text) => network.renew(text),
    close: () => fromPromise(() => network.close(CLOSE_DEADLINE_MS)),
  };
}

function withinProcess({ id }: Identity): Links {
  const network = processHub().join(id);
  return {
    network,
    stats: () => undefined,
    *close() {
      network.leave();
      processHub().directory.delete(id);
    },
  };
}

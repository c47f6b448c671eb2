/**
 * The links of a node, and the world that stands on them: TLS between processes, or the hub of this one; a real disk, or
 * none.
 */
import { type Network, type World, peerId, platformWorld, processHub } from "@void-system/effects";
import { nodeWorld } from "@void-system/effects/node";
import type { TransportStats } from "@void-system/transport";
import { tls } from "@void-system/transport/tls";
import type { ParsedConfig } from "./config.ts";
import type { Identity } from "./identity.ts";
import { nodeLogger } from "./logger.ts";

/** Frames that are queued when a node stops may take this long to leave. */
const CLOSE_DEADLINE_MS = 5_000;

/** A world, its links open. */
export interface Links {
  readonly world: World;
  /** What passed over the links; nothing is counted inside a process. */
  stats(): TransportStats | undefined;
  /** Ends the world, then its links. */
  close(): Promise<void>;
}

/** A network, and how it ends. */
type Opened = { readonly network: Network } & Pick<Links, "stats" | "close">;

/** Opens what the configuration names: where links arrive, and the folder of the logs. */
export async function openLinks(config: ParsedConfig, identity: Identity): Promise<Links> {
  const logger = nodeLogger(config);
  const { network, stats, close } = await (identity.certificate !== undefined && config.link ? overTls(config, identity, identity.certificate) : withinProcess(identity));
  if (config.dataDirectory === undefined) return { world: platformWorld({ network, logger }), stats, close };
  const world = nodeWorld({ network, directory: config.dataDirectory, logger });
  return {
    world,
    stats,
    close: async () => {
      await new Promise<void>((resolve) => world.end(resolve));
      await close();
    },
  };
}

async function overTls(config: ParsedConfig, { id, key }: Identity, certificate: string): Promise<Opened> {
  const transport = await tls({
    self: id,
    cluster: config.cluster,
    key,
    certificate,
    peers: config.peers.map(({ publicKey, ...peer }) => ({ ...peer, id: peerId(peer.id), publicKey: Buffer.from(publicKey, "base64url") })),
    ...(config.link && { listen: config.link }),
    logger: nodeLogger(config),
  });
  return { network: transport, stats: () => transport.stats(), close: () => transport.close(CLOSE_DEADLINE_MS) };
}

function withinProcess({ id }: Identity): Opened {
  const network = processHub().join(id);
  return {
    network,
    stats: () => undefined,
    close: async () => {
      network.leave();
      processHub().directory.delete(id);
    },
  };
}

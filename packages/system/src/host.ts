/**
 * The links of a node, and the world that stands on them: TLS between processes, or the hub of this one; a real disk, or
 * none.
 */
import { type Network, type World, peerId, platformWorld, processHub } from "@void-system/effects";
import { type NodeWorld, nodeWorld } from "@void-system/effects/node";
import { type LinearContext, LinearResource } from "@void-system/linear/resources";
import type { TransportStats } from "@void-system/transport";
import { tls } from "@void-system/transport/tls";
import type { ParsedConfig } from "./config.ts";
import type { Identity } from "./identity.ts";
import { nodeLogger } from "./logger.ts";

/** Frames that are queued when a node stops may take this long to leave. */
const CLOSE_DEADLINE_MS = 5_000;

/** A world, its links open. */
export interface Links {
  /** Lives until `close`. */
  readonly world: World;
  /** What passed over the links; nothing is counted inside a process. */
  stats(): TransportStats | undefined;
  /** Ends the world, then its links. Once. */
  close(): Promise<void>;
}

/** A network, and how it ends. */
type Opened = { readonly network: Network } & Pick<Links, "stats" | "close">;

/**
 * Opens what the configuration names: where links arrive, and the folder of the logs. Both are resources of `context`
 * until `close` consumes them.
 */
export async function openLinks(config: ParsedConfig, identity: Identity, context: LinearContext): Promise<Links> {
  const logger = nodeLogger(config);
  const opened = await (identity.certificate !== undefined && config.link ? overTls(config, identity, identity.certificate) : withinProcess(identity));
  const { network } = opened;
  const directory = config.dataDirectory;
  try {
    return new OpenLinks(opened, directory === undefined ? platformWorld({ network, logger }) : nodeWorld({ network, directory, logger }), context);
  } catch (cause) {
    await opened.close();
    throw cause;
  }
}

class OpenLinks implements Links {
  readonly world: World;
  readonly #links: LinearResource<Opened>;
  /** The world that ends with its disk: one in memory has nothing to end. */
  readonly #disk: LinearResource<NodeWorld> | undefined;

  constructor(opened: Opened, world: World | NodeWorld, context: LinearContext) {
    this.#links = new LinearResource(opened, { name: "links", context, dispose: ({ close }) => void close().catch(() => undefined) });
    this.world = world;
    this.#disk = "end" in world ? new LinearResource(world, { name: "disk", context, dispose: (one) => one.end() }) : undefined;
  }

  stats(): TransportStats | undefined {
    return this.#links.isConsumed ? undefined : this.#links.use(({ stats }) => stats());
  }

  async close(): Promise<void> {
    const disk = this.#disk?.consume();
    const links = this.#links.consume();
    if (disk) await new Promise<void>((resolve) => disk.end(resolve));
    await links.close();
  }
}

async function overTls(config: ParsedConfig, { id, key }: Identity, certificate: string): Promise<Opened> {
  const peers = config.peers.map(({ publicKey, ...peer }) => ({ ...peer, id: peerId(peer.id), publicKey: Buffer.from(publicKey, "base64url") }));
  const transport = await key.use((secret) =>
    tls({ self: id, cluster: config.cluster, key: secret, certificate, peers, ...(config.link && { listen: config.link }), logger: nodeLogger(config) }),
  );
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

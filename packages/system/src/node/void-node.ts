/**
 * A node as a function of its world: replica, client, gateway and broadcast, wired. It makes no promise, reads no clock
 * and no dice but the world's, so that the very same code runs on real sockets and disks and in the simulator.
 */
import { toHex } from "@void-system/bytes";
import { type Network, type PeerId, type World, channel } from "@void-system/effects";
import type { HybridLogicalClock } from "@void-system/hlc";
import {
  type Configuration,
  type HostedClient,
  type HostedReplica,
  type Outcome as LogOutcome,
  type Ports,
  client,
  configuration,
  replica,
} from "@void-system/pbft";
import type { ParsedConfig } from "../config.ts";
import { type Authority, Gateway, type Ordering, type Outcome } from "./gateway.ts";
import { Gossip } from "./gossip.ts";
import { KeyValueMachine } from "../store/key-value-machine.ts";
import type { NodeStatus, Role } from "../status.ts";
import { PLACEMENT_KEY, type Placement, parsePlacement } from "../store/placement.ts";
import { type SoloOrdering, soloOrdering } from "./solo-ordering.ts";

/** Channels of the node's one network. */
const CHANNELS = { log: 1, gossip: 2 } as const;
/** Bundles that the log may have from this gateway at a time. */
const CLIENT_WINDOW = 64;

/** What a node is made of. */
export interface NodeParts {
  /** What it was told. */
  readonly config: ParsedConfig;
  /** Where it lives. */
  readonly world: World;
  /** Its hybrid logical clock, on the world's clock. */
  readonly hlc: HybridLogicalClock;
  /** Its cryptography: signs as this node, verifies as any node whose key is pinned. */
  readonly ports: Ports;
  /** Judges the capabilities of its clients. */
  readonly authority: Authority;
  /** Told at most once why the node has stopped working for ever. */
  readonly fatal: (cause: Error) => void;
  /** Told once, when it has recovered and takes part. */
  readonly ready: () => void;
}

/** A node at work. */
export class VoidNode {
  /** The way in for clients. */
  readonly gateway: Gateway;
  /** Undefined when the node was told not to broadcast. */
  readonly gossip: Gossip | undefined;
  readonly #config: ParsedConfig;
  readonly #world: World;
  readonly #cluster: Configuration | undefined;
  readonly #machine: KeyValueMachine | undefined;
  readonly #solo: SoloOrdering | undefined;
  readonly #replica: HostedReplica | undefined;
  readonly #client: HostedClient | undefined;
  readonly #links = new Set<PeerId>();
  /** It has failed, or was told to stop. */
  #over = false;
  #placed: { readonly bytes: Uint8Array; readonly placement: Placement | undefined } | undefined;

  constructor(parts: NodeParts) {
    const { config, world, ports } = parts;
    const fatal = (cause: Error): void => {
      this.#over = true;
      parts.fatal(cause);
    };
    this.#config = config;
    this.#world = world;
    world.network.onLink((peer, state) => {
      if (state === "down") this.#links.delete(peer);
      else this.#links.add(peer);
    });
    const takesPart = !config.enablePbft || config.replicaIds.includes(config.nodeId);
    this.#machine = takesPart ? new KeyValueMachine(ports.digest) : undefined;
    const network = channel(world.network, CHANNELS.log);
    let ordering: Ordering;
    if (config.enablePbft) {
      this.#cluster = configuration({ replicas: config.replicaIds, f: config.pbftF, cluster: config.cluster });
      const common = { world, network, cluster: this.#cluster, ports, fatal };
      if (this.#machine) this.#replica = replica({ ...common, machine: this.#machine, ready: parts.ready });
      else world.clock.schedule(0, parts.ready);
      this.#client = client({ ...common, tuning: { timeoutMs: config.timeoutMs, windowMax: CLIENT_WINDOW } });
      ordering = orderingOf(this.#client, config.timeoutMs);
    } else {
      const machine = this.#machine ?? new KeyValueMachine(ports.digest);
      this.#solo = soloOrdering({ world: { ...world, network }, machine, fatal, ready: parts.ready });
      ordering = this.#solo;
    }
    this.gateway = new Gateway({ ordering, authority: parts.authority, clock: world.clock });
    this.gossip = config.enableGossip ? this.#startGossip(parts.hlc, channel(world.network, CHANNELS.gossip)) : undefined;
  }

  /** How it takes part. */
  get role(): Role {
    if (this.#solo) return "solo";
    return this.#replica ? "replica" : "observer";
  }

  /** Whether enough replicas are linked to decide, and this one, if it is a replica, is level with them. */
  get ready(): boolean {
    if (this.#over) return false;
    if (this.#solo || !this.#cluster) return true;
    const self = this.#world.network.self;
    const reached = this.#cluster.replicas.filter((id) => id === self || this.#links.has(id)).length;
    const standing = this.#replica?.standing();
    return reached >= this.#cluster.quorum && standing?.catchingUp !== true && standing?.inViewChange !== true;
  }

  /** Everything that people want to know. Computes the state's digest. */
  status(): NodeStatus {
    const standing = this.#replica?.standing();
    const executed = standing?.lastExecuted ?? this.#solo?.executed();
    const placement = this.#placement();
    const digest = this.#machine?.root();
    return {
      nodeId: this.#config.nodeId,
      cluster: this.#config.cluster,
      role: this.role,
      ready: this.ready,
      durability: this.#durability(),
      ...(standing && {
        view: standing.view,
        primary: standing.primary,
        inViewChange: standing.inViewChange,
        catchingUp: standing.catchingUp,
        stableCheckpoint: standing.stableCheckpoint,
        counters: standing.counters,
      }),
      ...(executed !== undefined && { executed }),
      ...(digest && { stateDigest: toHex(digest) }),
      ...(this.#machine && { keys: this.#machine.stats().keys, stateBytes: this.#machine.stats().bytes }),
      links: [...this.#links].filter((id) => id !== this.#world.network.self).sort(),
      capacity: this.#config.capacity,
      ...(placement && { placement }),
      gateway: this.gateway.stats(),
      log: this.#replica?.stats() ?? this.#solo?.stats() ?? {},
    };
  }

  /** Takes no more commands, lets what is durable out, ends. After `deadlineMs` it ends as a crash would, which is safe. */
  stop(deadlineMs: number, done: () => void): void {
    this.#over = true;
    this.gateway.stop();
    this.gossip?.stop();
    const parts = [
      this.#client && ((end: () => void) => this.#client?.stop(end)),
      this.#replica && ((end: () => void) => this.#replica?.stop(deadlineMs, end)),
      this.#solo && ((end: () => void) => this.#solo?.stop(deadlineMs, end)),
    ].filter((part) => part !== undefined);
    let open = parts.length;
    for (const part of parts) {
      part(() => {
        if (--open === 0) done();
      });
    }
  }

  #startGossip(hlc: HybridLogicalClock, network: Network): Gossip {
    return new Gossip({
      world: this.#world,
      network,
      hlc,
      known: [...this.#config.replicaIds, ...this.#config.peers.map(({ id }) => id)],
      report: () => {
        const executed = this.#replica?.standing().lastExecuted ?? this.#solo?.executed() ?? 0;
        return { executed, ready: this.ready, commands: this.gateway.stats().commands };
      },
    });
  }

  #durability(): string {
    const kept = this.#config.dataDirectory === undefined ? "in memory only (no dataDirectory)" : "synced to disk";
    if (this.#solo) return `${kept} on this node alone (agreement is off)`;
    return this.#replica ? `${kept} on a quorum of replicas` : "as the replicas keep it";
  }

  /** Read once per value: anybody who may write the key could make every look at the status dear. */
  #placement(): Placement | undefined {
    const bytes = this.#machine?.peek(PLACEMENT_KEY);
    if (bytes !== this.#placed?.bytes) {
      this.#placed = bytes && { bytes, placement: parsePlacement(new TextDecoder().decode(bytes)) };
    }
    return this.#placed?.placement;
  }
}

/** The replicated log as the gateway wants it. */
function orderingOf(log: HostedClient, timeoutMs: number): Ordering {
  return { submit: (operation, done) => log.submit(operation, (outcome) => done(told(outcome, timeoutMs))) };
}

function told(outcome: LogOutcome, timeoutMs: number): Outcome {
  switch (outcome.type) {
    case "ok":
      return { type: "executed", result: outcome.result };
    case "no-quorum":
      return { type: "unknown", reason: `no quorum within ${timeoutMs} ms (${outcome.replies} replies)` };
    case "failed":
    case "refused":
      return { type: "unknown", reason: outcome.reason };
  }
}

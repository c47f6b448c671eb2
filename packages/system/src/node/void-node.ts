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
  type UnknownCode,
  client,
  configuration,
  replica,
} from "@void-system/pbft";
import type { ParsedConfig } from "../config.ts";
import { type Authority, Gateway, type Ordering, type Outcome } from "./gateway.ts";
import { Gossip } from "./gossip.ts";
import { DiskGuard } from "./disk-guard.ts";
import { FACT_ID_BYTES, type PeerReport } from "./peer-report.ts";
import { type HeardPeer, PeerReports } from "./peer-reports.ts";
import { type DiskSpace, type Problem, problemsOf } from "./problems.ts";
import { KeyValueMachine } from "../store/key-value-machine.ts";
import type { NodeStatus, Role } from "../status.ts";
import { PLACEMENT_KEY, type Placement, parsePlacement } from "../store/placement.ts";
import { type SoloOrdering, soloOrdering } from "./solo-ordering.ts";

/** Channels of the node's one network. */
const CHANNELS = { log: 1, gossip: 2, reports: 3 } as const;
/** Largest difference between clocks: replicas vote for no time beyond it. */
const CLOCK_DRIFT_MAX_MS = 5_000;
/** Reports over which a replica must have refused what was proposed to count as one that votes for nothing. */
const REFUSALS_OVER_TICKS = 5;
/** Bundles that the log may have from this gateway at a time. */
const CLIENT_WINDOW = 64;

/** Parts of a node. */
export interface NodeParts {
  /** Configuration of the node. */
  readonly config: ParsedConfig;
  /** World of the node. */
  readonly world: World;
  /** Its hybrid logical clock, on the world's clock. */
  readonly hlc: HybridLogicalClock;
  /** Its cryptography: signs as this node, verifies as any node whose key is pinned. */
  readonly ports: Ports;
  /** Public keys of the replicas, in their order, for the nodes to compare; or none. */
  readonly replicaKeys: readonly Uint8Array[];
  /** Judges the capabilities of its clients. */
  readonly authority: Authority;
  /** Name of the key of capabilities; `NOT_COMPARED` for one that this node has made for itself. */
  readonly rootKeyId: string;
  /** Returns the room on the disk of the log, if it has one. */
  readonly space?: () => DiskSpace | undefined;
  /** Called at most once, when the node has failed for good. */
  readonly fatal: (cause: Error) => void;
  /** Called once, when the node has recovered and takes part. */
  readonly ready: () => void;
}

/** A node at work. */
export class VoidNode {
  /** The way in for clients. */
  readonly gateway: Gateway;
  /** Undefined when the node is configured not to broadcast. */
  readonly gossip: Gossip | undefined;
  readonly #config: ParsedConfig;
  readonly #world: World;
  readonly #cluster: Configuration | undefined;
  readonly #machine: KeyValueMachine | undefined;
  readonly #solo: SoloOrdering | undefined;
  readonly #replica: HostedReplica | undefined;
  readonly #client: HostedClient | undefined;
  readonly #guard: DiskGuard | undefined;
  readonly #reports: PeerReports | undefined;
  readonly #report: () => PeerReport;
  readonly #space: () => DiskSpace | undefined;
  readonly #links = new Set<PeerId>();
  /** Counters at the last ticks, the oldest first. */
  readonly #ticks: { readonly refused: number; readonly executed: number }[] = [];
  /** The problems that were logged last, by what they say. */
  #logged: ReadonlyMap<string, Problem> = new Map();
  #clientRefusal: string | undefined;
  /** True once it has failed or was stopped. */
  #over = false;
  #placed: { readonly bytes: Uint8Array; readonly placement: Placement | undefined } | undefined;

  constructor(parts: NodeParts) {
    const { config, world, ports } = parts;
    const fatal = (cause: Error): void => {
      this.#over = true;
      parts.fatal(cause);
    };
    const ready = once(parts.ready);
    this.#config = config;
    this.#world = world;
    world.network.onLink((peer, state) => {
      if (state === "down") this.#links.delete(peer);
      else if (state !== "failed") this.#links.add(peer);
    });
    const takesPart = !config.enablePbft || config.replicaIds.includes(config.nodeId);
    this.#machine = takesPart ? new KeyValueMachine(ports.digest, config.cluster, config.maxStateBytes) : undefined;
    const network = channel(world.network, CHANNELS.log);
    let ordering: Ordering;
    if (config.enablePbft) {
      const { replicaIds, pbftF, cluster, viewTimeoutMs, maxStateBytes } = config;
      this.#cluster = configuration({ replicas: replicaIds, f: pbftF, cluster, publicKeys: parts.replicaKeys, viewTimeoutMs, clockDriftMs: CLOCK_DRIFT_MAX_MS, maxStateBytes });
      const common = { world, network, cluster: this.#cluster, ports, fatal };
      if (this.#machine) {
        if (config.dataDirectory !== undefined) this.#guard = this.#guardOf(this.#cluster, ports.digest, { ready, fatal });
        const guarded = { ...common, world: { ...world, disk: this.#guard ?? world.disk } };
        // Later stamps of this node are after all that it has seen committed.
        this.#replica = replica({ ...guarded, machine: this.#machine, ready, onExecuted: ({ agreed }) => parts.hlc.raise(agreed.time) });
      } else world.clock.schedule(0, ready);
      this.#client = client({ ...common, tuning: { timeoutMs: config.timeoutMs, windowMax: CLIENT_WINDOW } });
      ordering = this.#orderingOf(this.#client, config.timeoutMs);
    } else {
      const machine = this.#machine ?? new KeyValueMachine(ports.digest, config.cluster, config.maxStateBytes);
      this.#solo = soloOrdering({ world: { ...world, network }, machine, fatal, ready });
      ordering = this.#solo;
    }
    const configId = configIdOf(config, ports.digest);
    this.#space = parts.space ?? (() => undefined);
    this.#report = () => ({
      rootKeyId: parts.rootKeyId,
      configId,
      wallMs: world.clock.wallMs(),
      executed: this.#replica?.standing().lastExecuted ?? 0,
      hasVoted: this.#guard?.hasVoted ?? false,
      isEmptied: this.#guard?.isEmptied ?? false,
      voters: this.#guard?.voters ?? [],
    });
    if (config.enablePbft) {
      this.#reports = new PeerReports({
        clock: world.clock,
        network: channel(world.network, CHANNELS.reports),
        report: this.#report,
        onReport: (from, report) => this.#guard?.hear(from, report),
        onTick: () => this.#tick(),
      });
    }
    this.gateway = new Gateway({ ordering, authority: parts.authority, clock: world.clock, logger: world.logger });
    this.gossip = config.enableGossip ? this.#startGossip(parts.hlc, channel(world.network, CHANNELS.gossip)) : undefined;
  }

  /** Role of the node. */
  get role(): Role {
    if (this.#solo) return "solo";
    return this.#replica ? "replica" : "observer";
  }

  /** True if enough replicas are linked to decide, and this one, if it is a replica, is level with them. */
  get ready(): boolean {
    if (this.#over) return false;
    if (this.#solo || !this.#cluster) return true;
    const self = this.#world.network.self;
    const reached = this.#cluster.replicas.filter((id) => id === self || this.#links.has(id)).length;
    if (this.#guard?.isWaiting) return false;
    const standing = this.#replica?.standing();
    return reached >= this.#cluster.quorum && standing?.catchingUp !== true && standing?.inViewChange !== true;
  }

  /** The problems that this node sees, of itself and of its peers, the red ones first. */
  get problems(): readonly Problem[] {
    const recent = this.#reports?.recent() ?? new Map<PeerId, HeardPeer>();
    const replicas = new Map([...recent].filter(([id]) => this.#cluster?.replicas.includes(id)));
    const space = this.#space();
    const state = this.#machine?.stats();
    return problemsOf({
      self: this.#config.nodeId,
      isVolatile: this.#machine !== undefined && this.#config.dataDirectory === undefined,
      f: this.#config.pbftF,
      driftMs: CLOCK_DRIFT_MAX_MS,
      report: this.#report(),
      replicas,
      refusesTimes: this.#refusesTimes(),
      clientRefusal: this.#clientRefusal,
      lies: this.#replica?.standing().evidence ?? [],
      isWaiting: this.#guard?.isWaiting ?? false,
      disk: space && { ...space, stateBytes: state?.bytes ?? 0 },
      state: state && { liveBytes: state.liveBytes, maxStateBytes: this.#config.maxStateBytes },
    });
  }

  /** Everything that people want to know. Computes the state's digest. */
  status(): NodeStatus {
    const standing = this.#replica?.standing();
    const executed = standing?.lastExecuted ?? this.#solo?.executed();
    const placement = this.#placement();
    const digest = this.#machine?.root();
    const state = this.#machine?.stats();
    return {
      nodeId: this.#config.nodeId,
      cluster: this.#config.cluster,
      role: this.role,
      ready: this.ready,
      durability: this.#durability(),
      problems: this.problems,
      ...(standing && {
        view: standing.view,
        primary: standing.primary,
        inViewChange: standing.inViewChange,
        catchingUp: standing.catchingUp,
        stableCheckpoint: standing.stableCheckpoint,
        counters: standing.counters,
        lies: standing.evidence.map(({ bytes, ...lie }) => ({ ...lie, evidence: toHex(bytes) })),
      }),
      ...(executed !== undefined && { executed }),
      ...(digest && { stateDigest: toHex(digest) }),
      ...(state && { keys: state.keys, stateBytes: state.bytes, liveBytes: state.liveBytes, maxStateBytes: this.#config.maxStateBytes }),
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
    this.#reports?.stop();
    this.#guard?.stop();
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

  #guardOf(cluster: Configuration, digest: Ports["digest"], { ready, fatal }: Pick<NodeParts, "ready" | "fatal">): DiskGuard {
    const { replicas, f, window } = cluster;
    return new DiskGuard({
      disk: this.#world.disk,
      clock: this.#world.clock,
      self: replicas.indexOf(this.#world.network.self),
      replicas,
      f,
      window,
      configId: configIdOf(this.#config, digest),
      emptyDisk: this.#config.emptyDisk,
      onWait: ready,
      onChange: () => this.#reports?.send(),
      fatal,
    });
  }

  /** The replicated log as the gateway wants it. */
  #orderingOf(log: HostedClient, timeoutMs: number): Ordering {
    return {
      submit: (operation, done) =>
        log.submit(operation, (outcome) => {
          // Not one that merely came too late: the next may be in time.
          if ((outcome.type === "refused" && outcome.code !== "expired") || outcome.type === "forgotten") this.#clientRefusal = outcome.reason;
          if (outcome.type === "ok") this.#clientRefusal = undefined;
          done(outcomeOf(outcome, timeoutMs));
        }),
    };
  }

  /** Each second: counts, and logs each problem when it comes and when it is over. */
  #tick(): void {
    const standing = this.#replica?.standing();
    if (standing) {
      this.#ticks.push({ refused: standing.counters.refusedTimes, executed: standing.lastExecuted });
      if (this.#ticks.length > REFUSALS_OVER_TICKS) this.#ticks.shift();
      this.#guard?.reached(standing.stableCheckpoint);
    }
    const { logger } = this.#world;
    const current = new Map(this.problems.map((problem) => [`${problem.name} ${problem.about}`, problem]));
    for (const [key, { name, about, level, message }] of current) {
      if (!this.#logged.has(key)) logger.log(level === "red" ? "error" : "warn", "problem", { name, about, message });
    }
    for (const [key, { name, about }] of this.#logged) if (!current.has(key)) logger.log("info", "problem-over", { name, about });
    this.#logged = current;
  }

  /** True when more was refused than was executed, for its time, over the last seconds. */
  #refusesTimes(): boolean {
    const [first, last] = [this.#ticks[0], this.#ticks.at(-1)];
    if (!first || !last) return false;
    const refused = last.refused - first.refused;
    return refused >= 2 && refused >= (last.executed - first.executed) / 2;
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

/** Returns a function that calls `act` the first time. */
function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}

/** Names what all nodes must have been given alike. */
function configIdOf({ cluster, pbftF, replicaIds, viewTimeoutMs, maxStateBytes }: ParsedConfig, digest: Ports["digest"]): string {
  return toHex(digest(new TextEncoder().encode(JSON.stringify([cluster, pbftF, replicaIds, viewTimeoutMs, maxStateBytes]))).subarray(0, FACT_ID_BYTES));
}

/** Why an outcome is unknown, for people. */
const UNKNOWNS: Readonly<Record<UnknownCode, (timeoutMs: number, outcome: LogOutcome & { readonly type: "unknown" }) => string>> = {
  // As long as it may be executed, and as long again for the questions what came of it.
  "no-quorum": (timeoutMs, { replies }) => `no quorum within ${2 * timeoutMs} ms (${replies} replies)`,
  "other-configuration": (_, { difference }) => `the replicas have another configuration than this node: ${difference}`,
  ahead: () => "this node's clock is far ahead of the cluster's time, and what it has sent may be executed later; set the clock",
};

function outcomeOf(outcome: LogOutcome, timeoutMs: number): Outcome {
  switch (outcome.type) {
    case "ok":
      return { type: "executed", result: outcome.result };
    case "unknown":
      return { type: "unknown", reason: UNKNOWNS[outcome.code](timeoutMs, outcome), notAfterMs: outcome.notAfterMs };
    case "failed":
      return { type: "failed", reason: outcome.reason };
    case "forgotten":
      return { type: "unknown", reason: outcome.reason };
    case "refused":
      return { type: "refused", message: `REFUSED nothing was executed: ${outcome.reason}` };
  }
}

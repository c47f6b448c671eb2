/**
 * Health broadcasts: each node broadcasts its report, and keeps the latest report of each other node. They decide
 * nothing.
 */
import type { Cancel, Network, PeerId, World } from "@void-system/effects";
import { HLCError, type HLCTimestamp, type HybridLogicalClock, compareTimestamps, parseTimestamp } from "@void-system/hlc";
import { type PlumtreeEvent, PlumtreeNode } from "@void-system/plumtree";

/** Interval of a node's reports, in milliseconds. */
const HEALTH_INTERVAL_MS = 1_000;
/** Nodes whose reports are kept, beyond those of its configuration, since relays could invent any number of names. */
export const HEARD_STRANGERS_MAX = 64;
/** Kinds of broadcasts: of applications, and of health. */
const HEALTH = "void/health";
const APPLICATION = "void/application";

/** Report of a node on itself. */
export interface HealthReport {
  /** Sequence number of the last batch that it executed. */
  readonly executed: number;
  /** True while it serves clients. */
  readonly ready: boolean;
  /** Commands that its gateway has sent into the log. */
  readonly commands: number;
}

/** The newest report of a node, and when it came, by this node's monotonic clock. */
export interface HeardReport extends HealthReport {
  /** Its hybrid time, as the node that made it stamped it: of two reports the later one counts, in whatever order they come. */
  readonly at: HLCTimestamp;
  /** When it came, by this node's monotonic clock. */
  readonly heardMs: number;
}

/** Takes what other nodes' applications broadcast. */
export type BroadcastHandler = (value: unknown, origin: string) => void;

/** Parts of {@link Gossip}. */
export interface GossipParts {
  /** World of the node. */
  readonly world: World;
  /** The channel of the broadcasts. */
  readonly network: Network;
  /** Clock that stamps this node's reports and follows the stamps of others. */
  readonly hlc: HybridLogicalClock;
  /** Nodes in the configuration. */
  readonly known: readonly string[];
  /** Returns this node's report, each time. */
  readonly report: () => HealthReport;
}

/** The broadcasts of one node. */
export class Gossip {
  readonly #world: World;
  readonly #node: PlumtreeNode;
  readonly #hlc: HybridLogicalClock;
  readonly #report: () => HealthReport;
  readonly #heard = new Map<string, HeardReport>();
  readonly #handlers = new Set<BroadcastHandler>();
  readonly #known: ReadonlySet<string>;
  readonly #offLink: Cancel;
  #strangers = 0;
  #timer: Cancel | undefined;

  constructor(parts: GossipParts) {
    this.#world = parts.world;
    this.#hlc = parts.hlc;
    this.#report = parts.report;
    this.#known = new Set(parts.known);
    this.#node = new PlumtreeNode(parts.network.self, { world: { ...parts.world, network: parts.network }, ordered: true });
    this.#node.subscribe((event) => this.#onEvent(event));
    this.#offLink = parts.network.onLink((peer: PeerId, state) => {
      if (state === "up" && peer !== parts.network.self) this.#quietly(() => this.#node.addPeer(peer, { eager: true }));
      if (state === "down") this.#quietly(() => this.#node.removePeer(peer));
    });
    this.#tick();
  }

  /** Broadcasts a value to the applications on all nodes. */
  broadcast(value: unknown): string {
    return this.#node.broadcast([APPLICATION, value]);
  }

  /** Calls `handle` with what other nodes broadcast. */
  onBroadcast(handle: BroadcastHandler): Cancel {
    this.#handlers.add(handle);
    return () => void this.#handlers.delete(handle);
  }

  /** The newest report of each node that was heard. */
  heard(): Readonly<Record<string, HeardReport>> {
    return Object.fromEntries(this.#heard);
  }

  /** Counters of the broadcast protocol. */
  stats(): object {
    return this.#node.stats();
  }

  /** Stops sending and receiving. */
  stop(): void {
    this.#timer?.();
    this.#offLink();
    this.#node.close();
  }

  /** Runs `act` and logs its error: the node can do without broadcasts. */
  #quietly(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#world.logger.log("warn", "gossip-failed", { error: error instanceof Error ? error.message : String(error) });
    }
  }

  #tick(): void {
    this.#timer = this.#world.clock.schedule(HEALTH_INTERVAL_MS, () => {
      this.#quietly(() => void this.#node.broadcast([HEALTH, { ...this.#report(), at: String(this.#hlc.now()) }]));
      this.#tick();
    });
  }

  #onEvent(event: PlumtreeEvent): void {
    if (event.type === "gap") {
      const { origin, from, to } = event;
      this.#world.logger.log("warn", "gossip-gap", { origin, from, to });
      return;
    }
    const { value, origin } = event;
    if (!Array.isArray(value)) return;
    const [kind, body]: readonly unknown[] = value;
    if (kind === HEALTH && isReport(body)) {
      const at = this.#witness(body.at, origin);
      if (at) this.#hear(body, at, origin);
    }
    if (kind === APPLICATION) for (const handle of this.#handlers) handle(body, origin);
  }

  /** Returns the stamp of a report, which this node's clock follows, or undefined for one that cannot be believed. */
  #witness(stamp: string, origin: string): HLCTimestamp | undefined {
    try {
      const at = parseTimestamp(stamp);
      if (at.nodeId !== origin) return undefined;
      this.#hlc.update(at);
      return at;
    } catch (error) {
      if (error instanceof HLCError) return undefined;
      throw error;
    }
  }

  #hear({ executed, ready, commands }: HealthReport, at: HLCTimestamp, origin: string): void {
    const before = this.#heard.get(origin);
    if (before && compareTimestamps(at, before.at) <= 0) return;
    if (!this.#heard.has(origin) && !this.#known.has(origin)) {
      if (this.#strangers >= HEARD_STRANGERS_MAX) return;
      this.#strangers += 1;
    }
    // Field by field: what else a relay has put there is not kept.
    this.#heard.set(origin, { executed, ready, commands, at, heardMs: this.#world.clock.monotonicMs() });
  }
}

/** Returns true for a well-formed report. Relays are not trusted to pass on reports as they were. */
function isReport(value: unknown): value is HealthReport & { readonly at: string } {
  if (typeof value !== "object" || value === null) return false;
  const { executed, ready, commands, at } = value as Partial<Record<keyof HealthReport | "at", unknown>>;
  return Number.isSafeInteger(executed) && typeof ready === "boolean" && Number.isSafeInteger(commands) && typeof at === "string";
}

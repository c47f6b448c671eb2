/**
 * VoidSystem: the node that people run. It boots its subsystems in order, each a component, and unwinds in reverse.
 */
import type { RankedCause } from "@void-system/causal";
import { HybridLogicalClock } from "@void-system/hlc";
import type { Node, SchedulingResult } from "@void-system/ising-scheduler";
import { type CapabilityAuthority, capabilityAuthority } from "./capability.ts";
import { type Component, type Health, component } from "./component.ts";
import { type ParsedConfig, type SystemConfig, parseConfig } from "./config.ts";
import { CommandError, GossipDisabledError, NotInitializedError } from "./errors.ts";
import type { Session } from "./gateway.ts";
import type { BroadcastHandler } from "./gossip.ts";
import { HttpServer } from "./http/server.ts";
import { type Identity, loadIdentity } from "./identity.ts";
import { infoText } from "./info.ts";
import type { Command, Result } from "./key-value/command.ts";
import { Lifecycle } from "./lifecycle.ts";
import { type Links, openLinks } from "./links.ts";
import { Metrics } from "./metrics.ts";
import { nodeMetrics } from "./node-metrics.ts";
import { type NodeStatus, VoidNode } from "./node.ts";
import { PLACEMENT_KEY, placeWorkload } from "./placement.ts";
import type { ListenAddress } from "./listen.ts";
import { RespServer } from "./resp/server.ts";
import type { Dataset, Symptom } from "./telemetry/dataset.ts";
import type { Workload } from "./telemetry/demand.ts";
import { rootCausesOf } from "./telemetry/root-causes.ts";

/** How long a stopping node lets commands finish. */
export const DRAIN_DEADLINE_MS = 5_000;

/** What `status()` adds to a node's own status. */
export interface SystemStatus extends NodeStatus {
  /** Its process. */
  readonly pid: number;
  /** How long that process has run. */
  readonly uptimeSeconds: number;
  /** Where the faces listen. */
  readonly faces: Readonly<Record<string, ListenAddress>>;
  /** What the others last broadcast of themselves. */
  readonly heard: Readonly<Record<string, unknown>>;
}

/**
 * A node: `initialize()` boots everything but the listeners, `run()` opens those, `stop()` ends it all in reverse.
 *
 * @example
 * ```ts
 * import { VoidSystem } from "@void-system/system";
 *
 * // One node alone: no agreement, in memory.
 * const system = new VoidSystem({ nodeId: "solo", replicaIds: ["solo"], enablePbft: false, enableGossip: false, logLevel: "silent" });
 * await system.initialize();
 * await system.run();
 * await system.set("greeting", "hello");
 * await system.get("greeting"); // => "hello"
 * await system.stop();
 * ```
 */
export class VoidSystem {
  readonly #given: SystemConfig;
  readonly #core: Lifecycle;
  readonly #faces: Lifecycle;
  readonly #listening: Record<string, ListenAddress> = {};
  readonly #metrics = new Metrics();
  readonly #ended: Promise<Error | undefined>;
  #end: (cause: Error | undefined) => void = () => undefined;
  #config: ParsedConfig | undefined;
  #identity: Identity | undefined;
  #clock: HybridLogicalClock | undefined;
  #links: Links | undefined;
  #authority: CapabilityAuthority | undefined;
  #node: VoidNode | undefined;
  #nodeReady: Promise<void> = Promise.resolve();
  #session: Session | undefined;
  /** Those who wait for the result of a command of this process. */
  readonly #waiting = new Set<(result: Result) => void>();
  #idle: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  #placements = 0;
  #rankings = 0;

  /** Takes the configuration as it is; `initialize` reads it. */
  constructor(config: SystemConfig) {
    this.#given = config;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#core = new Lifecycle([this.#types(), this.#effects(), this.#hlc(), this.#transport(), this.#pbft(), this.#plumtree(), this.#security(), ...this.#algorithms(), this.#monitoring()]);
    this.#faces = new Lifecycle([this.#resp(), this.#http()]);
  }

  /**
   * Boots: types, effects, distributed, security, scheduling, monitoring. A component that fails unwinds all before it.
   *
   * @throws {@link BootError} naming the component, with its own typed error as `cause`.
   */
  async initialize(signal?: AbortSignal): Promise<void> {
    await this.#core.start(signal);
  }

  /**
   * Opens the listeners that the configuration names; resolves when they are open. The node runs until `stop()`.
   *
   * @throws {@link NotInitializedError} before `initialize()`.
   * @throws {@link BootError} when a listener cannot be opened; the node goes on without it until `stop()`.
   */
  async run(): Promise<void> {
    this.#running();
    await this.#faces.start();
  }

  /** Resolves when the node has ended: with nothing after `stop()`, with the cause when it ended by itself. */
  get ended(): Promise<Error | undefined> {
    return this.#ended;
  }

  /** Stops accepting, finishes what was accepted, syncs, releases everything. Safe to call twice. */
  stop(deadlineMs: number = DRAIN_DEADLINE_MS): Promise<void> {
    this.#stopping ??= this.#stop(deadlineMs);
    return this.#stopping;
  }

  /** Everything that people want to know. @throws {@link NotInitializedError} */
  status(): SystemStatus {
    const node = this.#running();
    return {
      ...node.status(),
      pid: process.pid,
      uptimeSeconds: Math.floor(process.uptime()),
      faces: this.#listening,
      heard: node.gossip?.heard() ?? {},
    };
  }

  /** Each component's word on itself, and whether clients are served. */
  health(): { readonly ok: boolean; readonly components: Readonly<Record<string, Health>> } {
    const components = { ...this.#core.health(), ...this.#faces.health() };
    return { ok: this.#node?.ready === true && Object.values(components).every(({ ok }) => ok), components };
  }

  /**
   * Executes one command with every right, as the process that holds the keys may. It ends with an error result when
   * the node stops before there is another one. @throws {@link NotInitializedError}
   */
  execute(command: Command): Promise<Result> {
    this.#running();
    return new Promise((resolve, reject) => {
      if (!this.#session) return reject(new NotInitializedError());
      this.#waiting.add(resolve);
      this.#session.submit(command, (result) => {
        this.#waiting.delete(resolve);
        resolve(result);
        if (this.#waiting.size === 0) this.#idle?.();
      });
    });
  }

  /** Sets a key to a text. Resolves when the write is acknowledged. @throws Error with the reason when it is not. */
  async set(key: string, value: string): Promise<void> {
    valueOf(await this.execute({ op: "set", key, value: new TextEncoder().encode(value), when: "always", returnOld: false }));
  }

  /** The text under a key, or nothing. Ordered like a write, so never stale. */
  async get(key: string): Promise<string | undefined> {
    const bytes = valueOf(await this.execute({ op: "get", key }));
    return bytes && new TextDecoder().decode(bytes);
  }

  /**
   * Places tasks on nodes by least energy, near to the placement before, and commits the result as one write, so that
   * every node shows the same.
   *
   * @throws InfeasibleError of ising-scheduler when there is too little of something; then nothing is committed.
   */
  async place(workload: Workload, nodes: readonly Node[]): Promise<SchedulingResult> {
    const placed = placeWorkload(workload, nodes, await this.get(PLACEMENT_KEY));
    await this.set(PLACEMENT_KEY, JSON.stringify(placed.placement));
    this.#placements++;
    return placed;
  }

  /** The likely causes of what a service suffers from, by telemetry, most likely first. @throws {@link DatasetError} */
  rootCauses(dataset: Dataset, symptom?: Pick<Symptom, "service" | "metric">): readonly RankedCause[] {
    this.#running();
    this.#rankings++;
    return rootCausesOf(dataset, symptom);
  }

  /** Broadcasts a value to the applications on all nodes. @throws {@link GossipDisabledError} */
  broadcast(value: unknown): string {
    return this.#gossip("broadcast").broadcast(value);
  }

  /** Calls `handle` with what other nodes broadcast. @throws {@link GossipDisabledError} */
  onBroadcast(handle: BroadcastHandler): () => void {
    return this.#gossip("onBroadcast").onBroadcast(handle);
  }

  // ── components, in boot order ──

  #types(): Component {
    return component({
      name: "config",
      phase: "types",
      start: async () => {
        this.#config = parseConfig(this.#given);
      },
    });
  }

  #effects(): Component {
    return component({
      name: "identity",
      phase: "effects",
      needs: ["config"],
      start: async () => {
        this.#identity = loadIdentity(this.#parsed());
      },
      stop: async () => this.#identity?.destroy(),
    });
  }

  #transport(): Component {
    return component({
      name: "transport",
      phase: "distributed",
      needs: ["identity"],
      start: async () => {
        this.#links = await openLinks(this.#parsed(), this.#known());
      },
      stop: async () => this.#links?.close(),
      health: () => ({ ok: true, detail: { ...this.#links?.stats() } }),
    });
  }

  #hlc(): Component {
    return component({
      name: "hlc",
      phase: "distributed",
      needs: ["config"],
      start: async () => {
        this.#clock = new HybridLogicalClock(this.#parsed().nodeId);
      },
      health: () => ({ ok: true, detail: { ...this.#clock?.stats() } }),
    });
  }

  /** The node itself: the log, with agreement or without, and the gateway to it. */
  #pbft(): Component {
    return component({
      name: "pbft",
      phase: "distributed",
      needs: ["transport", "hlc"],
      start: async () => {
        const { promise, resolve, reject } = withResolvers();
        this.#nodeReady = promise;
        promise.catch(() => undefined);
        const identity = this.#known();
        const world = this.#links?.world;
        const hlc = this.#clock;
        if (!world || !hlc) throw new NotInitializedError();
        this.#authority = capabilityAuthority(identity.rootKey);
        this.#node = new VoidNode({
          config: this.#parsed(),
          world,
          hlc,
          ports: identity.ports,
          authority: this.#authority,
          ready: resolve,
          fatal: (cause) => {
            reject(cause);
            this.#over(cause);
          },
        });
      },
      ready: () => this.#nodeReady,
      drain: (deadlineMs) => this.#stopNode(deadlineMs),
      // Also when it was not drained: nothing of it may run on.
      stop: () => this.#stopNode(0),
      health: () => ({ ok: this.#node?.ready === true, detail: { role: this.#node?.role } }),
    });
  }

  /** The broadcasts of the node, which live and end with it. */
  #plumtree(): Component {
    return component({
      name: "plumtree",
      phase: "distributed",
      needs: ["pbft"],
      health: () => ({ ok: true, detail: { enabled: this.#node?.gossip !== undefined, ...this.#node?.gossip?.stats() } }),
    });
  }

  #security(): Component {
    return component({
      name: "macaroons",
      phase: "security",
      needs: ["pbft"],
      start: async () => {
        // The process itself holds the root key: it needs no token to be let in.
        this.#session = this.#node?.gateway.session();
        if (this.#authority) this.#session?.authenticate(this.#authority.mint({ resource: "/", operations: ["admin"] }));
      },
      drain: (deadlineMs) => this.#finishCalls(deadlineMs),
      stop: async () => this.#session?.close(),
    });
  }

  /** Both compute on demand; what must be the same for all is decided by the log, so they start behind it. */
  #algorithms(): readonly Component[] {
    const needs = ["macaroons"];
    return [
      component({ name: "ising-scheduler", phase: "scheduling", needs, health: () => ({ ok: true, detail: { placements: this.#placements } }) }),
      component({ name: "causal", phase: "scheduling", needs, health: () => ({ ok: true, detail: { rankings: this.#rankings } }) }),
    ];
  }

  #monitoring(): Component {
    return component({
      name: "monitoring",
      phase: "monitoring",
      needs: ["pbft"],
      start: async () => {
        const node = this.#running();
        this.#metrics.add(nodeMetrics(node, () => this.#links?.stats()));
      },
    });
  }

  #resp(): Component {
    let server: RespServer | undefined;
    return component({
      name: "resp",
      phase: "faces",
      start: async () => {
        const address = this.#parsed().resp;
        if (!address) return;
        const started = new RespServer(this.#running().gateway, () => infoText(this.status()));
        this.#listening["resp"] = await started.listen(address);
        server = started;
      },
      health: () => ({ ok: true, detail: { ...server?.stats() } }),
      drain: async (deadlineMs) => server?.drain(deadlineMs),
      stop: async () => server?.close(),
    });
  }

  #http(): Component {
    let server: HttpServer | undefined;
    return component({
      name: "http",
      phase: "faces",
      start: async () => {
        const address = this.#parsed().http;
        if (!address) return;
        const started = new HttpServer({
          health: () => this.health(),
          status: () => this.status(),
          metrics: async () => ({ contentType: this.#metrics.contentType, text: await this.#metrics.text() }),
        });
        this.#listening["http"] = await started.listen(address);
        server = started;
      },
      stop: async () => server?.close(),
    });
  }

  // ── the parts that are there ──

  #parsed(): ParsedConfig {
    if (!this.#config) throw new NotInitializedError();
    return this.#config;
  }

  #known(): Identity {
    if (!this.#identity) throw new NotInitializedError();
    return this.#identity;
  }

  #running(): VoidNode {
    if (!this.#node) throw new NotInitializedError();
    return this.#node;
  }

  #gossip(what: string): NonNullable<VoidNode["gossip"]> {
    const { gossip } = this.#running();
    if (!gossip) throw new GossipDisabledError(what);
    return gossip;
  }

  async #stop(deadlineMs: number): Promise<void> {
    try {
      await this.#faces.stop(deadlineMs);
    } finally {
      await this.#core.stop(deadlineMs).finally(() => this.#over(undefined));
    }
  }

  #stopNode(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => (this.#node ? this.#node.stop(deadlineMs, resolve) : resolve()));
  }

  /** Lets the calls of this process end, for a while. */
  #finishCalls(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) return resolve();
      const timer = setTimeout(resolve, deadlineMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The end: whoever still waits will not get a result. */
  #over(cause: Error | undefined): void {
    for (const resolve of this.#waiting) resolve({ type: "error", message: "UNKNOWN the outcome of this command is unknown: this node has stopped" });
    this.#waiting.clear();
    this.#end(cause);
  }
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (cause: Error) => void } {
  let resolve: () => void = () => undefined;
  let reject: (cause: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function valueOf(result: Result): Uint8Array | undefined {
  if (result.type === "error") throw new CommandError("the command", result.message);
  return result.type === "value" ? result.value : undefined;
}

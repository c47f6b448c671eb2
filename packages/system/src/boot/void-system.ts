/**
 * VoidSystem: the node that people run. It boots its subsystems in order, each a component, and unwinds in reverse.
 */
import type { Diagnosis } from "@void-system/causal";
import { type Eff, FinalizersFailedError, type Need, run } from "@void-system/effects/fibers";
import type { Node, SchedulingResult } from "@void-system/ising-scheduler";
import { Assembly, required } from "./assembly.ts";
import { type NodeHealth, coreComponents, faceComponents } from "./components.ts";
import { type SystemConfig, parseConfig } from "../config.ts";
import { readCertificate } from "./identity.ts";
import { nodeLogger, setLogLevel } from "./logger.ts";
import { GossipDisabledError, NotInitializedError } from "../errors.ts";
import type { BroadcastHandler } from "../node/gossip.ts";
import type { Command, Result } from "../store/command.ts";
import { RunningComponents } from "./running-components.ts";
import { DRAIN_DEADLINE_MS } from "./lifecycle.ts";
import type { VoidNode } from "../node/void-node.ts";
import type { SystemStatus } from "../status.ts";
import { place } from "../telemetry/place-workload.ts";
import { Store, storeOf } from "../store/store.ts";
import type { Dataset, Symptom } from "../telemetry/dataset.ts";
import type { Workload } from "../telemetry/demand.ts";
import { diagnosisOf } from "../telemetry/root-causes.ts";

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
  readonly #parts: Assembly;
  readonly #core: RunningComponents;
  readonly #faces: RunningComponents;
  readonly #ended: Promise<Error | undefined>;
  #end: (cause: Error | undefined) => void = () => undefined;
  /** Aborts the start when the node is asked to stop. */
  readonly #abort = new AbortController();
  #stopping: Promise<void> | undefined;

  /** Takes the configuration as it is; `initialize` reads it. */
  constructor(config: SystemConfig) {
    this.#parts = new Assembly(config);
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const hooks = { fatal: (cause: Error) => this.#over(cause), status: () => this.status(), health: () => this.health() };
    this.#core = new RunningComponents(coreComponents(this.#parts, hooks));
    this.#faces = new RunningComponents(faceComponents(this.#parts, hooks));
  }

  /**
   * Boots: types, effects, distributed, security, scheduling, monitoring. A component that fails unwinds all before it.
   * Called again, it waits for the same boot.
   *
   * @throws {@link BootError} naming the component, with its own typed error as `cause`.
   */
  async initialize(signal?: AbortSignal): Promise<void> {
    const either = signal ? AbortSignal.any([signal, this.#abort.signal]) : this.#abort.signal;
    try {
      await this.#core.start(either);
    } catch (cause) {
      // Nothing can start on what has been unwound. stop() throws the LeakError of what it left open, and the log has it now.
      this.#abort.abort(new NotInitializedError());
      this.#parts.close();
      throw cause;
    }
  }

  /**
   * Opens the listeners that the configuration names; resolves when they are open. The node runs until `stop()`.
   * Called again, it opens nothing twice; what could not be opened is tried again.
   *
   * @throws {@link NotInitializedError} before `initialize()`.
   * @throws {@link BootError} when a listener cannot be opened; the node goes on without it until `stop()`.
   */
  async run(): Promise<void> {
    required(this.#parts.node);
    await this.#faces.start(this.#abort.signal);
  }

  /** Resolves when the node has ended: with nothing after `stop()`, with the cause when it ended by itself. */
  get ended(): Promise<Error | undefined> {
    return this.#ended;
  }

  /**
   * Stops accepting, finishes what was accepted, syncs, releases everything. Safe to call twice, and while it starts.
   *
   * @throws {@link LeakError} when a component has not closed what it had opened; that is logged too, and it is closed.
   * @throws any other error, after everything was stopped; several are one AggregateError.
   */
  stop(deadlineMs: number = DRAIN_DEADLINE_MS): Promise<void> {
    this.#stopping ??= this.#stop(deadlineMs);
    return this.#stopping;
  }

  /**
   * Takes over the parts of a configuration that can change while the node runs: `logLevel`, and the certificate in
   * `certificateFile`, which is read again. New connections show it, and links stay up. A certificate that cannot be read, or is one
   * of another key, is logged as `certificate-kept`, and the node keeps the one that it has. Returns the names of the fields that
   * differ as well, and need a restart.
   *
   * @throws {@link ConfigError} for a configuration that cannot be used; then nothing changes.
   * @throws {@link NotInitializedError}
   */
  reload(config: SystemConfig): readonly string[] {
    const before = required(this.#parts.config);
    const after = parseConfig(config);
    setLogLevel(before, after.logLevel);
    const logger = nodeLogger(before);
    const { certificateFile } = after;
    const renew = this.#parts.links?.renew;
    const reloaded = new Set(["logLevel"]);
    if (certificateFile !== undefined && renew !== undefined) {
      reloaded.add("certificateFile");
      try {
        renew(readCertificate(certificateFile));
        logger.log("info", "certificate-renewed", { certificateFile });
      } catch (error) {
        logger.log("error", "certificate-kept", { certificateFile, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    const valueIn = (values: object, name: string): string | undefined => JSON.stringify(new Map(Object.entries(values)).get(name));
    const differing = [...names].filter((name) => !reloaded.has(name) && valueIn(before, name) !== valueIn(after, name));
    logger.log("info", "reloaded", { logLevel: after.logLevel, needRestart: differing });
    return differing;
  }

  /** Returns the state of the node, for people. @throws {@link NotInitializedError} */
  status(): SystemStatus {
    const node = required(this.#parts.node);
    return {
      ...node.status(),
      pid: process.pid,
      uptimeSeconds: Math.floor(process.uptime()),
      faces: this.#parts.listening,
      heard: node.gossip?.heard() ?? {},
    };
  }

  /** Returns the report of each component, and the problems that this node sees. `ok` is false when it does not serve clients, or has a red problem. */
  health(): NodeHealth {
    const { node } = this.#parts;
    const components = { ...this.#core.health(), ...this.#faces.health() };
    const problems = node?.problems ?? [];
    const isSound = !problems.some(({ about, level }) => level === "red" && about === this.#parts.given.nodeId);
    return { ok: node?.ready === true && isSound && Object.values(components).every(({ ok }) => ok), problems, components };
  }

  /**
   * Executes one command with every right, as the process that holds the keys may. It ends with an error result when
   * the node stops before there is another one. @throws {@link NotInitializedError}
   */
  execute(command: Command): Promise<Result> {
    required(this.#parts.session);
    return run(() => this.#execute(command));
  }

  /** Sets a key to a text. Resolves when the write is acknowledged. @throws {@link CommandError} with the reason when it is not. */
  set(key: string, value: string): Promise<void> {
    return this.#withStore(() => Store.set(key, value));
  }

  /** Returns the text under a key, or undefined. The read is ordered like a write, so it is never stale. */
  get(key: string): Promise<string | undefined> {
    return this.#withStore(() => Store.get(key));
  }

  /**
   * Places tasks on nodes by least energy, near to the placement before, and commits the result as one write, so that
   * every node shows the same.
   *
   * @throws InfeasibleError of ising-scheduler when there is too little of something; then nothing is committed.
   */
  async place(workload: Workload, nodes: readonly Node[]): Promise<SchedulingResult> {
    const placed = await this.#withStore(() => place(workload, nodes));
    this.#parts.placements++;
    return placed;
  }

  /** Returns the diagnosis of a service's trouble by its telemetry: a verdict and the suspects. @throws {@link DatasetError} */
  diagnose(dataset: Dataset, symptom?: Pick<Symptom, "service" | "metric">): Diagnosis {
    required(this.#parts.node);
    this.#parts.rankings++;
    return diagnosisOf(dataset, symptom);
  }

  /** Broadcasts a value to the applications on all nodes. @throws {@link GossipDisabledError} */
  broadcast(value: unknown): string {
    return this.#gossip("broadcast").broadcast(value);
  }

  /** Calls `handle` with what other nodes broadcast. @throws {@link GossipDisabledError} */
  onBroadcast(handle: BroadcastHandler): () => void {
    return this.#gossip("onBroadcast").onBroadcast(handle);
  }

  /** Runs a program beside the node, on its store. */
  #withStore<A>(program: () => Eff<Need<"void.store">, A>): Promise<A> {
    return run(() => Store.handle(storeOf((command) => this.#execute(command)), program));
  }

  #execute(command: Command): Eff<never, Result> {
    return this.#parts.calls.execute(required(this.#parts.session), command);
  }

  #gossip(what: string): NonNullable<VoidNode["gossip"]> {
    const { gossip } = required(this.#parts.node);
    if (!gossip) throw new GossipDisabledError(what);
    return gossip;
  }

  async #stop(deadlineMs: number): Promise<void> {
    this.#abort.abort(new NotInitializedError());
    const failures: unknown[] = [];
    const failed = (cause: unknown): unknown => failures.push(...(cause instanceof FinalizersFailedError ? cause.errors : [cause]));
    for (const running of [this.#faces, this.#core]) await running.stop(deadlineMs).catch(failed);
    const leak = this.#parts.close();
    if (leak) failures.push(leak);
    this.#over(undefined);
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} things went wrong while the node stopped`);
    if (failures.length === 1) throw failures[0];
  }

  /** Ends the node. Callers that still wait get an error. */
  #over(cause: Error | undefined): void {
    this.#parts.calls.end();
    this.#end(cause);
  }
}

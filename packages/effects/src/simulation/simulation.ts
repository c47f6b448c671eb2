/**
 * A whole cluster in one process, on virtual time: a run is a function of its seed.
 *
 * In the tradition of FoundationDB's simulator and TigerBeetle's VOPR.
 */
import { type PeerId, peerId } from "../brand.ts";
import { outcome } from "../in-place-compute.ts";
import { SeededRandom } from "../seeded-random.ts";
import type { Clock, Compute, LogLevel, World } from "../world.ts";
import { SimulationTimeoutError, SimulationUseError } from "./errors.ts";
import { EVENT } from "./event-heap.ts";
import { EventLoop } from "./event-loop.ts";
import type { Boot, Kernel, Life, SimulatedNode, SimulationLine } from "./kernel.ts";
import { SimulatedDisk, type SimulatedDiskOptions } from "./simulated-disk.ts";
import { SimulatedLinks, type SimulatedNetworkOptions } from "./simulated-links.ts";

/** The wall clock of a node without skew, when a simulation begins: 2023-11-14T22:13:20Z. */
export const SIMULATION_EPOCH_MS = 1_700_000_000_000;

/** How wrong the nodes' clocks are. */
export interface SimulatedClockOptions {
  /** Each wall clock is off by up to this much, either way. @defaultValue 0 */
  readonly skewMs?: number;
  /** Each clock runs too fast or too slow by up to this many millionths. @defaultValue 0 */
  readonly driftPpm?: number;
}

/** How long jobs of `World.compute` take; they run in place, whatever they take. */
export interface SimulatedComputeOptions {
  /** The shortest. @defaultValue 0.05 */
  readonly minMs?: number;
  /** The longest. @defaultValue 1 */
  readonly maxMs?: number;
}

/** What a {@link Simulation} is made of. */
export interface SimulationOptions {
  /** Decides everything that chance decides: a whole number >= 0. */
  readonly seed: number;
  /** The links. */
  readonly network?: SimulatedNetworkOptions;
  /** The disks. */
  readonly disk?: SimulatedDiskOptions;
  /** The clocks. */
  readonly clock?: SimulatedClockOptions;
  /** The threads for jobs. */
  readonly compute?: SimulatedComputeOptions;
  /** Sees each line that a node logs. */
  readonly log?: (line: SimulationLine) => void;
}

/** How far {@link Simulation.run} goes; without either, until nothing is left to happen. */
export interface RunOptions {
  /** Virtual milliseconds since the beginning. */
  readonly untilMs?: number;
  /** Virtual milliseconds from now. */
  readonly forMs?: number;
}

/** How much has happened in a {@link Simulation}. */
export interface SimulationStats {
  /** Events: starts and ends of nodes, timers, frames, links, disks, faults. */
  readonly events: number;
  /** Frames that reached a node. */
  readonly framesDelivered: number;
  /** Frames that were lost on their way. */
  readonly framesLost: number;
}

/** Events after which a run without an end is given up. */
const EVENTS_MAX = 50_000_000;
const UNTIL_DEADLINE_MS = 60_000;

/**
 * A seeded world in which nodes run, crash and restart.
 *
 * Each node is a `boot` function that gets a `World` and acts by callbacks, the same code as in a real world. Time is
 * virtual, so hours pass in seconds. While a node's code runs, `Date.now`, `Math.random`, timers and their like throw a
 * `SimulationLeakError`: what is not a function of the seed is found out. Code behind an `await` runs outside of
 * the simulation; nodes have no promises.
 *
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { Simulation } from "@void-system/effects/simulation";
 *
 * function run(seed: number) {
 *   const simulation = new Simulation({ seed, network: { loss: 0.2 } });
 *   let received = 0;
 *   simulation.node("a", ({ clock, network }) => {
 *     const ping = () => { network.send(peerId("b"), new Uint8Array(1)); clock.schedule(10, ping); };
 *     ping();
 *   });
 *   simulation.node("b", ({ network }) => { network.onFrame(() => { received += 1; }); });
 *   simulation.start("a");
 *   simulation.start("b");
 *   simulation.run({ untilMs: 1_000 });
 *   return { received, hash: simulation.traceHash() };
 * }
 * run(7).hash === run(7).hash; // => true
 * run(7).hash === run(8).hash; // => false
 * run(7).received < 100; // => true
 * ```
 */
export class Simulation {
  /** The seed of this run. */
  readonly seed: number;
  readonly #options: SimulationOptions;
  readonly #random: SeededRandom;
  readonly #loop: EventLoop;
  readonly #nodes = new Map<PeerId, SimulatedNode>();
  readonly #links: SimulatedLinks;
  readonly #kernel: Kernel;

  constructor(options: SimulationOptions) {
    this.seed = options.seed;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#loop = new EventLoop(options.seed);
    const loop = this.#loop;
    this.#kernel = {
      get nowUs() {
        return loop.nowUs;
      },
      plan: (plan) => loop.plan(plan),
      log: (node, level, event, fields) => this.#log(node, level, event, fields),
    };
    this.#links = new SimulatedLinks(this.#kernel, this.#nodes, this.#random.split("link"), options.network ?? {});
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.#loop.nowUs / 1000;
  }

  /**
   * Adds a node, which is not yet running.
   *
   * @throws {@link SimulationUseError} when there is one of that name.
   */
  node(id: string, boot: Boot): void {
    const name = peerId(id);
    if (this.#nodes.has(name)) throw new SimulationUseError("a node of a new name", JSON.stringify(id));
    const random = this.#random.split(`node ${name}`);
    const { skewMs = 0, driftPpm = 0 } = this.#options.clock ?? {};
    const clocks = random.split("clock");
    const disk = new SimulatedDisk(this.#kernel, random.split("disk"), this.#options.disk ?? {});
    const skewUs = clocks.between(-skewMs, skewMs) * 1000;
    this.#nodes.set(name, {
      id: name,
      index: this.#nodes.size,
      boot,
      random,
      jobs: random.split("jobs"),
      disk,
      skewUs,
      driftPpm: clocks.between(-driftPpm, driftPpm),
      life: undefined,
      paused: false,
      group: 0,
      deferred: [],
    });
  }

  /**
   * Starts a node: its `boot` runs as the next event, with a World over whatever its disk holds.
   *
   * @throws {@link SimulationUseError} when it is running, or unknown.
   */
  start(id: string): void {
    const node = this.#node(id);
    if (node.life) throw new SimulationUseError(`${id} not to be running`, "a second start; crash or stop it first");
    const life: Life = {
      alive: true,
      startedUs: this.#loop.nowUs,
      up: new Map(),
      linkHandlers: new Set(),
      frameHandler: undefined,
      logs: new Map(),
      stop: undefined,
    };
    node.life = life;
    const run = (): void => {
      life.stop = node.boot(this.#world(node, life))?.stop;
      this.#links.changed(node);
    };
    this.#loop.plan({ kind: EVENT.start, node, life, atUs: this.#loop.nowUs, run });
  }

  /** Ends a node as a power cut does: nothing of it runs any more, and its disk forgets what was not synced. */
  crash(id: string): void {
    const node = this.#node(id);
    if (node.life) this.#end(node, node.life);
  }

  /** A crash, if it is running, and a start. */
  restart(id: string): void {
    this.crash(id);
    this.start(id);
  }

  /** Asks a node to end well: calls the `stop` that its `boot` returned, then ends it. Without one it is a crash. */
  stop(id: string): void {
    const node = this.#node(id);
    const { life } = node;
    if (!life) return;
    const run = (): void => {
      if (life.stop) life.stop(() => this.#end(node, life));
      else this.#end(node, life);
    };
    this.#loop.plan({ kind: EVENT.stop, node, life, atUs: this.#loop.nowUs, run });
  }

  /** True from `start` to `crash` or the end of `stop`. */
  isRunning(id: string): boolean {
    return this.#node(id).life !== undefined;
  }

  /**
   * Freezes a node, as a stopped process or a stalled machine: what happens to it waits for `resume`. Its clocks go
   * on.
   */
  pause(id: string): void {
    this.#node(id).paused = true;
  }

  /** Lets a paused node go on; what waited happens now, in order. */
  resume(id: string): void {
    const node = this.#node(id);
    node.paused = false;
    this.#loop.replan(node.deferred.splice(0));
  }

  /**
   * Cuts all links between nodes of different groups; nodes that are in none form one more. It replaces an earlier
   * partition.
   */
  partition(groups: readonly (readonly string[])[]): void {
    for (const node of this.#nodes.values()) node.group = 0;
    for (const [index, group] of groups.entries()) for (const id of group) this.#node(id).group = index + 1;
    for (const node of this.#nodes.values()) this.#links.changed(node);
  }

  /** Ends every partition and every block. */
  heal(): void {
    this.#links.unblockAll();
    this.partition([]);
  }

  /** Loses, without a sign, every frame from one node to another, in this direction only. */
  block(from: string, to: string): void {
    this.#links.block(this.#node(from).id, this.#node(to).id);
  }

  /** Ends one `block`. */
  unblock(from: string, to: string): void {
    this.#links.unblock(this.#node(from).id, this.#node(to).id);
  }

  /** Sets a node's wall clock forward (or back). */
  jumpClock(id: string, byMs: number): void {
    this.#node(id).skewUs += Math.round(byMs * 1000);
  }

  /** Plans a fault, or any action from outside the nodes, for a virtual time. */
  at(timeMs: number, action: () => void): void {
    const atUs = Math.max(this.#loop.nowUs, Math.round(timeMs * 1000));
    this.#loop.plan({ kind: EVENT.fault, node: undefined, life: undefined, atUs, run: action });
  }

  /** Runs until a virtual time, or until nothing is left to happen. What a node throws comes out here. */
  run(options: RunOptions = {}): void {
    const forUs = options.forMs === undefined ? Infinity : this.#loop.nowUs + Math.round(options.forMs * 1000);
    const untilUs = Math.min(forUs, options.untilMs === undefined ? Infinity : Math.round(options.untilMs * 1000));
    this.#loop.guarded(() => {
      const eventsMax = this.#loop.events + EVENTS_MAX;
      while (this.#loop.next(untilUs)) {
        if (this.#loop.events > eventsMax)
          throw new SimulationTimeoutError(`an end within ${EVENTS_MAX} events`, this.#loop.point());
      }
    });
    if (untilUs !== Infinity) this.#loop.nowUs = Math.max(this.#loop.nowUs, untilUs);
  }

  /**
   * Runs until `isDone` is true, looked at before the first event and after each.
   *
   * @throws {@link SimulationTimeoutError} when `deadlineMs` of virtual time (60,000 unless told) have passed from now,
   *   or nothing is left to happen, and it is not true.
   */
  runUntil(isDone: () => boolean, options: { readonly deadlineMs?: number } = {}): void {
    const deadlineMs = options.deadlineMs ?? UNTIL_DEADLINE_MS;
    const deadlineUs = this.#loop.nowUs + Math.round(deadlineMs * 1000);
    const came = this.#loop.guarded(() => {
      while (!isDone()) if (!this.#loop.next(deadlineUs)) return false;
      return true;
    });
    if (came) return;
    const reason = this.#loop.idle ? " before nothing was left to happen" : "";
    throw new SimulationTimeoutError(`the condition of runUntil within ${deadlineMs} ms${reason}`, this.#loop.point());
  }

  /** Runs one event; false when nothing is left to happen. */
  step(): boolean {
    return this.#loop.guarded(() => this.#loop.next(Infinity));
  }

  /** A hash of all events so far (kind, nodes, time, bytes): two runs of one seed and program have the same. */
  traceHash(): string {
    return this.#loop.point().traceHash;
  }

  /** How much has happened. */
  stats(): SimulationStats {
    return { events: this.#loop.events, framesDelivered: this.#links.delivered, framesLost: this.#links.lost };
  }

  // ── nodes ──

  #node(id: string): SimulatedNode {
    const node = this.#nodes.get(peerId(id));
    if (!node) throw new SimulationUseError(`a known node (${[...this.#nodes.keys()].join(", ")})`, JSON.stringify(id));
    return node;
  }

  #end(node: SimulatedNode, life: Life): void {
    if (!life.alive) return;
    this.#loop.record(EVENT.crash, node, -1, undefined);
    life.alive = false;
    node.life = undefined;
    node.paused = false;
    node.deferred.length = 0;
    node.disk.crash(life);
    this.#links.changed(node);
  }

  /** One life's World: once the life is over, calls into it do nothing. */
  #world(node: SimulatedNode, life: Life): World {
    return {
      clock: this.#clock(node, life),
      random: {
        bytes: (length) => (life.alive ? node.random.bytes(length) : new Uint8Array(length)),
        next: () => (life.alive ? node.random.next() : 0),
      },
      network: this.#links.facet(node, life),
      disk: node.disk.facet(node, life),
      compute: this.#compute(node, life),
      logger: {
        log: (level, event, fields) => {
          if (life.alive) this.#log(node, level, event, fields);
        },
      },
    };
  }

  #clock(node: SimulatedNode, life: Life): Clock {
    const rate = (1e6 + node.driftPpm) / 1e6;
    return {
      wallMs: () => SIMULATION_EPOCH_MS + Math.floor((node.skewUs + this.#loop.nowUs * rate) / 1000),
      monotonicMs: () => Math.floor((this.#loop.nowUs - life.startedUs) * rate) / 1000,
      schedule: (delayMs, wake) => {
        if (!life.alive) return () => undefined;
        // At least a microsecond: a node that reschedules itself without a delay must not stop the time.
        const delayUs = Math.max(1, Math.ceil((delayMs * 1000) / rate));
        const event = this.#loop.plan({ kind: EVENT.timer, node, life, atUs: this.#loop.nowUs + delayUs, run: wake });
        return () => {
          event.run = undefined;
        };
      },
    };
  }

  #compute(node: SimulatedNode, life: Life): Compute {
    const { minMs = 0.05, maxMs = 1 } = this.#options.compute ?? {};
    return {
      run: (job, input, done) => {
        if (!life.alive) return () => undefined;
        const copy = input.slice();
        const delayUs = node.jobs.between(Math.max(1, Math.round(minMs * 1000)), Math.round(maxMs * 1000));
        const run = (): void => done(outcome(job, copy));
        const event = this.#loop.plan({ kind: EVENT.compute, node, life, atUs: this.#loop.nowUs + delayUs, run });
        return () => {
          event.run = undefined;
        };
      },
    };
  }

  #log(
    node: SimulatedNode,
    level: LogLevel,
    event: string,
    fields: Readonly<Record<string, unknown>> | undefined
  ): void {
    const { log } = this.#options;
    if (log) this.#loop.outside(() => log({ atMs: this.now, node: node.id, level, event, fields }));
  }
}

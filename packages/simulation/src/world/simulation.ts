/**
 * A whole cluster in one process, on virtual time: a run is a function of its seed.
 *
 * In the tradition of FoundationDB's simulator and TigerBeetle's VOPR.
 */
import { type Cancel, type PeerId, SeededRandom } from "@void-system/effects";
import { FrameChangedError, SimulationTimeoutError, SimulationUseError } from "../errors.ts";
import { Cpu } from "../engine/cpu.ts";
import { CPU_COSTS, type CpuWork } from "../engine/cpu-costs.ts";
import { EVENT } from "../engine/event-kind.ts";
import { EventLoop } from "../engine/event-loop.ts";
import { checkedCpu, COST_MAX_MS } from "./cpu-shape.ts";
import type { Boot, Kernel, NodeOptions } from "./kernel.ts";
import type { LinkConditions } from "./link-conditions.ts";
import { type NodeState, stateOf } from "./node-state.ts";
import type { Decision } from "../engine/schedule.ts";
import { Scheduler } from "../engine/scheduler.ts";
import { SimulatedLinks } from "./simulated-links.ts";
import { SimulatedNodes } from "./simulated-nodes.ts";
import { simulatedWorld } from "./simulated-world.ts";
import type { RunOptions, SimulationOptions, SimulationStats } from "./simulation-options.ts";
import { traced } from "../engine/trace.ts";

/** Events after which a run without an end fails. */
const EVENTS_MAX = 50_000_000;
const UNTIL_DEADLINE_MS = 60_000;
const SPEND_BYTES_MAX = Number.MAX_SAFE_INTEGER;

/**
 * A seeded world in which nodes run, crash and restart.
 *
 * Each node is a `boot` function that gets a `World` and acts through callbacks, with the same code as in the real
 * world. Time is virtual, so hours pass in seconds. While a node's code runs, `Date.now`, `Math.random`, timers and the
 * like throw a `SimulationLeakError`, so that a run depends on its seed alone. Waiting for a promise throws, too, since
 * code behind an `await` would run outside virtual time. `simulate` runs whole scenarios on top of this class.
 *
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { Simulation } from "@void-system/simulation";
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
  readonly #random: SeededRandom;
  /** Every random stream, for {@link Simulation.reseed}. */
  readonly #streams: SeededRandom[] = [];
  readonly #loop: EventLoop;
  readonly #cpu: Cpu | undefined;
  readonly #nodes: SimulatedNodes;
  readonly #links: SimulatedLinks;

  constructor(options: SimulationOptions) {
    this.seed = options.seed;
    this.#random = new SeededRandom(options.seed);
    const loop = new EventLoop(options.seed, this.#nameOf, options.decisions !== undefined);
    this.#loop = loop;
    const { schedule = { kind: "fifo" }, decisions, drawnAfter } = options;
    if (schedule.kind !== "fifo" || (decisions && decisions.length > 0))
      loop.scheduler = new Scheduler(schedule, this.#stream("schedule"), decisions, drawnAfter);
    const cpu = options.cpu && new Cpu(checkedCpu(options.cpu), loop);
    this.#cpu = cpu;
    if (cpu) loop.chargeWith(cpu);
    loop.watcher = options.watch;
    const { trace } = options;
    if (trace)
      loop.observe = (event, note, number) => trace(traced(loop.table, event, note, number, loop.nowUs, this.#nameOf));
    const { sending } = options;
    const kernel: Kernel = {
      get nowUs() {
        return loop.nowUs;
      },
      table: loop.table,
      cpu,
      plan: loop.plan.bind(loop),
      carry: loop.carry.bind(loop),
      sending: sending && ((from, to) => sending(this.#nameOf(from) ?? "", to, this.now)),
      stranger: (from, to) => options.stranger?.(this.#nameOf(from) ?? "", to),
      changed: (from, to, sentUs) =>
        new FrameChangedError(this.#nameOf(from) ?? "", this.#nameOf(to) ?? "", sentUs / 1000, loop.point()),
      note: (text) => {
        loop.note = text;
      },
      node: (id) => this.#nodes.get(id),
      log: (node, level, event, fields) => {
        const { log } = options;
        if (log) loop.outside(() => log({ atMs: this.now, node: node.id, level, event, fields }));
      },
    };
    this.#nodes = new SimulatedNodes({
      kernel,
      loop,
      options,
      stream: (label) => this.#stream(label),
      split: (label) => this.#random.split(label),
      world: (node, life) => simulatedWorld(kernel, this.#links, node, life, options.compute),
      changed: (node) => this.#links.changed(node),
    });
    const split = (label: string): SeededRandom => this.#random.split(label);
    this.#links = new SimulatedLinks(kernel, this.#nodes.all, split, options.network ?? {});
    loop.carryWith(this.#links.traffic);
  }

  /** Virtual milliseconds since the beginning. */
  get now(): number {
    return this.#loop.nowUs / 1000;
  }

  /** Number of events that have happened. */
  get events(): number {
    return this.#loop.events;
  }

  /** Departures of the schedule from the order of time so far. */
  get decisions(): readonly Decision[] {
    return this.#loop.scheduler?.decisions ?? [];
  }

  /** True if no promise of an async program has to settle before the next event. */
  get isAtRest(): boolean {
    return !this.#loop.turns.isWanted;
  }

  /**
   * Lets the promises of async programs settle, and settles itself once all of them wait again. It must be awaited
   * before the next event. Undefined if no promise has to settle.
   */
  get rest(): Promise<void> | undefined {
    return this.#loop.turns.rest;
  }

  // ── nodes ──

  /**
   * Adds a node, which is not yet running.
   *
   * @throws {@link SimulationUseError} when a node of that name exists.
   */
  node(id: string, boot: Boot, options?: NodeOptions): void {
    this.#links.addNode(this.#nodes.add(id, boot, options));
  }

  /**
   * Starts a node: its `boot` runs as the next event, with a World over whatever its disk holds.
   *
   * @throws {@link SimulationUseError} when the node is running, or unknown.
   */
  start(id: string): void {
    this.#nodes.start(this.#nodes.get(id));
  }

  /** Ends a node as a power cut does. Its code no longer runs, and its disk forgets what was not synced. */
  crash(id: string): void {
    this.#nodes.crash(this.#nodes.get(id));
  }

  /** Crashes a node if it is running, and starts it. */
  restart(id: string): void {
    this.crash(id);
    this.start(id);
  }

  /** Stops a node gracefully: calls the `stop` that its `boot` returned, then ends it. Without one it is a crash. */
  stop(id: string): void {
    this.#nodes.stop(this.#nodes.get(id));
  }

  /** Returns true from `start` to `crash` or the end of `stop`. */
  isRunning(id: string): boolean {
    return this.#nodes.get(id).life !== undefined;
  }

  /**
   * Calls into a node from outside, as an event of its own. The call is guarded, and skipped if the node's current life
   * has ended by then. `use` gets the `api` that the node's `boot` returned. Returns false if the node is down.
   */
  call(id: string, use: (api: unknown) => void): boolean {
    const node = this.#nodes.get(id);
    const { life } = node;
    if (!life) return false;
    const run = (): void => use(life.booted?.api);
    this.#loop.plan(EVENT.call, this.#loop.nowUs + 1, node.index, life, -1, undefined, run);
    return true;
  }

  /** Returns the `api` that the `boot` of a running node returned. */
  api(id: string): unknown {
    return this.#nodes.get(id).life?.booted?.api;
  }

  /** Returns the current state of a node: clock, links, disk, pending events, and the state that it reports itself. */
  inspect(id: string): NodeState {
    const node = this.#nodes.get(id);
    return stateOf(node, this.#loop, this.#links.upOf(node), this.#nameOf, this.#cpu?.threadOf(node.index));
  }

  /** Name of the node whose code is running now. Undefined outside of nodes. */
  get runningNode(): PeerId | undefined {
    return this.#nameOf(this.#loop.node);
  }

  /**
   * Runs code of a test that must depend on the run alone, such as a condition on nodes. The platform's functions are
   * guarded meanwhile.
   *
   * @throws {@link SimulationLeakError} when the code read the platform's clock or randomness, or waited for a promise.
   * @example
   * ```ts
   * import { Simulation } from "@void-system/simulation";
   *
   * new Simulation({ seed: 1 }).audited(() => 1 + 1); // => 2
   * ```
   */
  audited<T>(work: () => T): T {
    return this.#loop.audited(work);
  }

  /** Keeps the guard of the platform's functions installed while `work` runs the simulation several times. */
  installed<T>(work: () => T): T {
    return this.#loop.installed(work);
  }

  /**
   * Charges the node whose code is running for work: one piece of a kind on an input of `bytes` bytes, or any work by
   * its virtual milliseconds at speed 1. It serves work that the option `cpu` does not see, such as signatures of a
   * fake signer or of a portable library. Without that option, and for guests, it does nothing.
   *
   * @throws {@link SimulationUseError} for an unknown kind, a number < 0 or more than a year, and outside of a node's code.
   * @example
   * ```ts
   * import { Simulation } from "@void-system/simulation";
   *
   * const simulation = new Simulation({ seed: 1, cpu: { costs: { step: { ms: 0 }, verify: { ms: 2 } } } });
   * let lateMs = 0;
   * simulation.node("a", ({ clock }) => {
   *   clock.schedule(10, () => { lateMs = simulation.now - 10; });
   *   clock.schedule(9, () => { simulation.spend("verify"); });
   * });
   * simulation.start("a");
   * simulation.run();
   * lateMs; // => 1
   * ```
   */
  spend(work: CpuWork | number, bytes = 0): void {
    const wanted = `one of ${Object.keys(CPU_COSTS).join(", ")}, or milliseconds from 0 to ${COST_MAX_MS}`;
    const isKnown = typeof work === "number" ? isLength(work, COST_MAX_MS) : Object.hasOwn(CPU_COSTS, work);
    if (!isKnown) throw new SimulationUseError(`spend to be called with ${wanted}`, String(work));
    if (!isLength(bytes, SPEND_BYTES_MAX)) throw new SimulationUseError("spend to be called with 0 to 2^53 - 1 bytes", String(bytes));
    if (!this.#loop.inside) throw new SimulationUseError("spend to be called by code of a node", "a call from outside");
    if (typeof work === "number") this.#cpu?.chargeMs(work);
    else this.#cpu?.charge(work, 1, bytes);
  }

  // ── faults ──

  /**
   * Freezes a node, like a stopped process or a stalled machine. Its events wait for `resume`, but its clocks keep running.
   */
  pause(id: string): void {
    this.#loop.pause(this.#nodes.get(id).index);
  }

  /** Continues a paused node. Its waiting events happen now, in order. */
  resume(id: string): void {
    this.#loop.resume(this.#nodes.get(id).index);
  }

  /**
   * Cuts all links between nodes of different groups. Nodes in no group form one more group. A partition replaces an
   * earlier one.
   */
  partition(groups: readonly (readonly string[])[]): void {
    for (const node of this.#nodes.all) node.group = 0;
    for (const [index, group] of groups.entries()) for (const id of group) this.#nodes.get(id).group = index + 1;
    for (const node of this.#nodes.all) this.#links.changed(node);
  }

  /** Ends every partition, cut, block, clog and `setLink`. With `among`, only between those nodes. */
  heal(among?: readonly string[]): void {
    if (!among) {
      this.#links.mendAll();
      this.partition([]);
      return;
    }
    const nodes = among.map((id) => this.#nodes.get(id));
    for (const [at, one] of nodes.entries()) for (const other of nodes.slice(at + 1)) this.#links.mend(one, other);
    for (const node of nodes) node.group = nodes[0]?.group ?? 0;
    for (const node of nodes) this.#links.changed(node);
  }

  /** Takes the link between two nodes down, until `mend`. */
  cut(one: string, other: string): void {
    this.#links.cut(this.#nodes.get(one), this.#nodes.get(other), true);
  }

  /** Ends a `cut`. */
  mend(one: string, other: string): void {
    this.#links.cut(this.#nodes.get(one), this.#nodes.get(other), false);
  }

  /** Silently loses every frame from one node to another, in this direction only. */
  block(from: string, to: string): void {
    this.#links.block(this.#nodes.get(from), this.#nodes.get(to), true);
  }

  /** Ends one `block`. */
  unblock(from: string, to: string): void {
    this.#links.block(this.#nodes.get(from), this.#nodes.get(to), false);
  }

  /** Holds back every frame from one node to another, in this direction only, until `unclog`. */
  clog(from: string, to: string): void {
    this.#links.clog(this.#nodes.get(from), this.#nodes.get(to), true);
  }

  /** Ends one `clog`: the waiting frames arrive, in order. */
  unclog(from: string, to: string): void {
    this.#links.clog(this.#nodes.get(from), this.#nodes.get(to), false);
  }

  /** Sets the conditions of one direction of a link. Without `conditions`, they are as at the beginning. */
  setLink(from: string, to: string, conditions?: LinkConditions): void {
    this.#links.condition(this.#nodes.get(from), this.#nodes.get(to), conditions);
  }

  /** Sets a node's wall clock forward (or back). */
  jumpClock(id: string, byMs: number): void {
    this.#nodes.get(id).clock.jump(Math.round(byMs * 1000));
  }

  /**
   * Makes a node's clocks run too fast or too slow by `driftPpm` millionths, and returns the previous drift. Timers
   * that are already set keep their time.
   */
  driftClock(id: string, driftPpm: number): number {
    return this.#nodes.get(id).clock.drift(driftPpm, this.#loop.nowUs);
  }

  /** Freezes a node's wall clock, or thaws it: it is then right again. */
  freezeClock(id: string, isFrozen = true): void {
    this.#nodes.get(id).clock.freeze(isFrozen, this.#loop.nowUs);
  }

  /** Fills a node's disk: every write fails, and a log with a failed write is dead for this life. */
  fillDisk(id: string, isFull = true): void {
    this.#nodes.get(id).disk.full = isFull;
  }

  /** Makes each operation of a node's disk take `byMs` longer. 0: as at the beginning. */
  slowDisk(id: string, byMs: number): void {
    this.#nodes.get(id).disk.slowUs = Math.max(0, Math.round(byMs * 1000));
  }

  /**
   * Damages one durable record of a node: the next `open` of its log answers with `LogDamagedError`. Returns false if
   * there is none.
   */
  rotDisk(id: string): boolean {
    return this.#nodes.get(id).disk.rot();
  }

  /** Plans a fault, or any action from outside the nodes, for a virtual time. `note` names it in the trace. */
  at(timeMs: number, action: () => void, note = ""): Cancel {
    if (Number.isNaN(Number(timeMs))) throw new SimulationUseError("a time in milliseconds", `${timeMs}`);
    const atUs = Math.max(this.#loop.nowUs, Math.round(timeMs * 1000));
    const planned = this.#loop.plan(EVENT.fault, atUs, -1, undefined, -1, undefined, () => {
      this.#loop.note = note;
      action();
    });
    return this.#loop.table.cancelOf(planned);
  }

  /** Uses another seed from here on. All random streams restart, including those that nodes draw from. */
  reseed(seed: number): void {
    this.#random.reseed(seed);
    for (const stream of this.#streams) stream.reseed(seed);
    this.#links.reseed();
    this.#loop.reseed(seed);
  }

  // ── time ──

  /** Runs until a virtual time, or until no event is pending. Errors thrown by a node are thrown from here. */
  run(options: RunOptions = {}): void {
    const forUs = options.forMs === undefined ? Infinity : this.#loop.nowUs + Math.round(options.forMs * 1000);
    const untilUs = Math.min(forUs, options.untilMs === undefined ? Infinity : Math.round(options.untilMs * 1000));
    const eventsMax = this.#loop.events + EVENTS_MAX;
    if (this.runWhile(() => this.#loop.events <= eventsMax, untilUs / 1000))
      throw new SimulationTimeoutError(`an end within ${EVENTS_MAX} events`, this.#loop.point());
    if (untilUs !== Infinity) this.#loop.nowUs = Math.max(this.#loop.nowUs, untilUs);
  }

  /**
   * Runs until `isDone` is true, which is checked before the first event and after each.
   *
   * @throws {@link SimulationTimeoutError} when it is still false after `deadlineMs` of virtual time (60,000 unless
   *   given), or when no event is pending.
   */
  runUntil(isDone: () => boolean, options: { readonly deadlineMs?: number } = {}): void {
    const deadlineMs = options.deadlineMs ?? UNTIL_DEADLINE_MS;
    if (this.runWhile(() => !isDone(), this.now + deadlineMs)) return;
    const reason = this.#loop.idle ? " and before the last event" : "";
    throw new SimulationTimeoutError(`the condition of runUntil to hold within ${deadlineMs} ms${reason}`, this.#loop.point());
  }

  /**
   * Runs events that are due at `untilMs` or before, as long as `goesOn()` is true. It is checked before the first
   * event and after each. Returns true if `goesOn` ended the run, false if no event was left.
   */
  runWhile(goesOn: () => boolean, untilMs: number = Infinity): boolean {
    const untilUs = untilMs === Infinity ? Infinity : Math.round(untilMs * 1000);
    return this.#loop.guarded(() => {
      while (goesOn()) if (!this.#loop.next(untilUs)) return false;
      return true;
    });
  }

  /** True if no event is pending: nothing would happen anymore. */
  get isIdle(): boolean {
    return this.#loop.idle;
  }

  /** Runs one event. Returns false if no event is pending. */
  step(): boolean {
    return this.#loop.guarded(() => this.#loop.next(Infinity));
  }

  /**
   * Returns a hash of all events so far (kind, nodes, time, bytes). Two runs of one seed and program have the same
   * hash.
   */
  traceHash(): string {
    return this.#loop.point().traceHash;
  }

  /** Returns the counters of the simulation. */
  stats(): SimulationStats {
    const { delivered, lost } = this.#links.traffic;
    return { events: this.#loop.events, framesDelivered: delivered, framesLost: lost, callsLeft: this.#loop.turns.callsLeft, busyMs: this.#busyMs() };
  }

  // ── inside ──

  readonly #nameOf = (index: number): PeerId | undefined => this.#nodes.nameOf(index);

  #busyMs(): SimulationStats["busyMs"] {
    const busyMs: Record<string, number> = {};
    for (const { id, index } of this.#cpu ? this.#nodes.all : []) {
      const thread = this.#cpu?.threadOf(index);
      if (thread) busyMs[id] = thread.busyUs(this.#loop.nowUs) / 1000;
    }
    return busyMs;
  }

  #stream(label: string): SeededRandom {
    const stream = this.#random.split(label);
    this.#streams.push(stream);
    return stream;
  }
}

function isLength(value: number, most: number): boolean {
  return value >= 0 && value <= most;
}

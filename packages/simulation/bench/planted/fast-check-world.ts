/**
 * The planted programs under fast-check's scheduler and fake timers: the same nodes, clients, checks and lists of
 * faults. Frames are tasks of the scheduler, and clocks are fake timers.
 *
 * The adaptor adds as little to the two libraries as the programs need: links that keep order (unless they are
 * datagrams), disks that forget unsynced records, and nodes that crash, pause and are cut off. Fast-check draws the
 * order of frames and syncs. A timer may fire before them, but while a frame is in flight the clock makes no leap
 * longer than the slowest frame. The libraries have no other delays.
 */
import type { Scheduler } from "fast-check";
import {
  type DurableLog,
  type LinkState,
  peerId,
  type PeerId,
  type Recovered,
  SeededRandom,
  type World,
} from "@void-system/effects";
import { drawFaults } from "../../src/scenario/fault-plan.ts";
import { History, SIMULATION_EPOCH_MS } from "../../src/index.ts";
import type { Fault, FaultBudget } from "../../src/index.ts";
import type { Api, Cluster, Planted } from "../../test/planted/kit.ts";

/** The parts of a fake-timers clock that are used. Its own types exist only once the bench is installed. */
interface FakeClock {
  readonly now: number;
  readonly timers?:
    | ReadonlyMap<number, { readonly callAt: number }>
    | Readonly<Record<string, { readonly callAt: number }>>;
  setTimeout(act: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  countTimers(): number;
  next(): unknown;
}
type Parts = ReturnType<Planted["build"]>;

interface Life {
  alive: boolean;
  /** Before, the node has no links. */
  booted: boolean;
  readonly up: Set<string>;
  readonly linkHandlers: Set<(peer: PeerId, state: LinkState) => void>;
  onFrame: ((from: PeerId, frame: Uint8Array) => void) | undefined;
  api: Api | undefined;
  pending: Uint8Array[];
}

interface Node {
  readonly id: PeerId;
  readonly random: SeededRandom;
  readonly skewMs: number;
  life: Life | undefined;
  paused: (() => void)[] | undefined;
  /** Log of the node, if it has one. */
  readonly disk: { born: boolean; base: number; records: Uint8Array[]; checkpoint: Recovered["checkpoint"] };
}

/** Returns the name of the check that failed, if one did. */
export async function runUnderFastCheck(
  parts: Parts,
  s: Scheduler,
  clock: FakeClock,
  seed: number
): Promise<string | undefined> {
  const run = new Run(parts, s, clock, seed);
  await run.toTheEnd();
  return run.violated;
}

class Run {
  violated: string | undefined;
  readonly #parts: Parts;
  readonly #s: Scheduler;
  readonly #clock: FakeClock;
  readonly #random: SeededRandom;
  readonly #nodes = new Map<string, Node>();
  readonly #cut = new Set<string>();
  readonly #blocked = new Set<string>();
  readonly #ways = new Map<string, (() => void)[]>();
  readonly #cluster: Cluster;

  constructor(parts: Parts, s: Scheduler, clock: FakeClock, seed: number) {
    this.#parts = parts;
    this.#s = s;
    this.#clock = clock;
    this.#random = new SeededRandom(seed);
    const ids = Object.keys(parts.nodes);
    const { skewMs = 0 } = parts.clock ?? {};
    for (const id of ids) {
      this.#nodes.set(id, {
        id: peerId(id),
        random: this.#random.split(id),
        skewMs: this.#random.between(-skewMs, skewMs),
        life: undefined,
        paused: undefined,
        disk: { born: false, base: 0, records: [], checkpoint: undefined },
      });
    }
    this.#cluster = this.#makeCluster(seed);
    for (const id of ids) this.#start(id);
    const faults = parts.faults ?? [];
    const list = Array.isArray(faults)
      ? (faults as readonly Fault[])
      : drawFaults(faults as FaultBudget, ids, this.#random.split("faults"));
    for (const fault of list) this.#plan(fault);
    if (typeof parts.workload === "function") parts.workload(this.#cluster);
  }

  async toTheEnd(): Promise<void> {
    const endMs = typeof this.#parts.until === "number" ? this.#parts.until : 2_000;
    const leapMs = this.#parts.network?.maxDelayMs ?? 5;
    for (let turns = 0; turns < 5_000 && this.violated === undefined; turns += 1) {
      const timers = this.#clock.countTimers() > 0;
      const before = this.#clock.now;
      if (this.#s.count() > 0 && !(timers && this.#random.chance(0.25) && this.#nextMs() - before <= leapMs)) {
        await this.#s.waitOne();
        continue;
      }
      if (!timers || this.#nextMs() > endMs) return;
      this.#clock.next();
    }
  }

  #nextMs(): number {
    const { timers } = this.#clock;
    const all = timers instanceof Map ? [...timers.values()] : Object.values(timers ?? {});
    return Math.min(...all.map(({ callAt }) => callAt));
  }

  /** Runs an action when fast-check decides. */
  #turn(label: string, act: () => void): void {
    void this.#s.schedule(Promise.resolve(), label).then(() => this.#guarded(act));
  }

  #guarded(act: () => void): void {
    if (this.violated !== undefined) return;
    try {
      act();
    } catch (error) {
      this.violated ??= `threw ${String(error)}`;
    }
  }

  /** Runs an event of a node's life, or later if the node is paused. */
  #happens(node: Node, life: Life, act: () => void): void {
    if (!life.alive) return;
    if (node.paused) node.paused.push(() => this.#happens(node, life, act));
    else this.#guarded(act);
  }

  #start(id: string): void {
    const node = this.#node(id);
    if (node.life) return;
    const life: Life = {
      alive: true,
      booted: false,
      up: new Set(),
      linkHandlers: new Set(),
      onFrame: undefined,
      api: undefined,
      pending: [],
    };
    node.life = life;
    this.#turn(`start ${id}`, () => {
      this.#happens(node, life, () => {
        const booted = this.#parts.nodes[id]?.(this.#world(node, life), this.#cluster);
        life.api = booted?.api;
        life.booted = true;
        for (const other of this.#nodes.values()) if (other !== node) this.#link(node, other);
      });
    });
  }

  #crash(id: string): void {
    const node = this.#node(id);
    const { life } = node;
    if (!life) return;
    life.alive = false;
    node.life = undefined;
    node.paused = undefined;
    for (const other of this.#nodes.values()) if (other !== node) this.#link(node, other);
  }

  /** Notifies both ends of the state of their link. */
  #link(one: Node, other: Node): void {
    const key = [one.id, other.id].sort().join(" ");
    for (const [node, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      const { life } = node;
      if (!life?.booted) continue;
      this.#turn(`link ${node.id} ${peer.id}`, () => {
        this.#happens(node, life, () => {
          this.#notify(life, peer.id, peer.life?.booted === true && !this.#cut.has(key) ? "up" : "down");
        });
      });
    }
  }

  #notify(life: Life, peer: PeerId, state: "up" | "down"): void {
    if ((state === "up") === life.up.has(peer)) return;
    if (state === "up") life.up.add(peer);
    else life.up.delete(peer);
    for (const handle of life.linkHandlers) handle(peer, state);
  }

  #world(node: Node, life: Life): World {
    const clock = this.#clock;
    const startMs = clock.now;
    return {
      clock: {
        wallMs: () => SIMULATION_EPOCH_MS + clock.now + node.skewMs,
        monotonicMs: () => clock.now - startMs,
        schedule: (delayMs, wake) => {
          const timer = clock.setTimeout(() => this.#happens(node, life, wake), Math.max(1, Math.ceil(delayMs)));
          return () => clock.clearTimeout(timer);
        },
      },
      random: node.random,
      network: {
        self: node.id,
        send: (to, frame) => this.#send(node, life, to, frame),
        onFrame: (handle) => {
          life.onFrame = handle;
          return () => undefined;
        },
        onLink: (handle) => {
          life.linkHandlers.add(handle);
          return () => void life.linkHandlers.delete(handle);
        },
        dial: () => undefined,
        hangUp: () => undefined,
      },
      disk: {
        open: (_name, done) => this.#turn("open", () => this.#happens(node, life, () => done(this.#open(node, life)))),
        openBlobs: () => undefined,
      },
      compute: { run: () => () => undefined },
      logger: { log: () => undefined },
    };
  }

  #send(node: Node, life: Life, to: PeerId, frame: Uint8Array): "sent" | "down" {
    const target = this.#nodes.get(to);
    if (!life.alive || !target || !life.up.has(to)) return "down";
    const { loss = 0, duplicate = 0, reorder = 0 } = this.#parts.network ?? {};
    if (this.#random.chance(loss)) return "sent";
    const receiver = target.life;
    const arrive = (): void => {
      if (!receiver || this.#blocked.has(`${node.id} ${to}`) || this.#isCut(node.id, to)) return;
      this.#happens(target, receiver, () => {
        // The notice of the link comes before any frame.
        this.#notify(receiver, node.id, "up");
        receiver.onFrame?.(node.id, frame);
      });
    };
    for (let copies = this.#random.chance(duplicate) ? 2 : 1; copies > 0; copies -= 1) {
      if (reorder > 0) this.#turn(`${node.id} ${to}`, arrive);
      else this.#inOrder(`${node.id} ${to}`, arrive);
    }
    return "sent";
  }

  /** Delivers frames in the order in which they were sent, whichever turn comes first. */
  #inOrder(way: string, arrive: () => void): void {
    const queue = this.#ways.get(way) ?? [];
    this.#ways.set(way, queue);
    queue.push(arrive);
    this.#turn(way, () => queue.shift()?.());
  }

  #open(node: Node, life: Life): Recovered {
    const { disk } = node;
    const fresh = !disk.born;
    disk.born = true;
    const keep = (count: number): void => void disk.records.push(...life.pending.splice(0, count));
    let kept = 0;
    const log: DurableLog = {
      append: (record) => void life.pending.push(record.slice()),
      sync: (done) => {
        const upTo = kept + life.pending.length;
        this.#turn("sync", () => {
          this.#happens(node, life, () => {
            if (upTo > kept) keep(upTo - kept);
            kept = Math.max(kept, upTo);
            done();
          });
        });
      },
      checkpoint: (upTo, chunks, done) => {
        this.#turn("checkpoint", () => {
          this.#happens(node, life, () => {
            const gone = upTo - disk.base;
            const fromPending = Math.max(0, gone - disk.records.length);
            disk.records.splice(0, gone);
            life.pending.splice(0, fromPending);
            kept += fromPending;
            disk.base = upTo;
            disk.checkpoint = { upTo, chunks: [...chunks] };
            done();
          });
        });
      },
    };
    return { log, fresh, records: [...disk.records], ...(disk.checkpoint && { checkpoint: disk.checkpoint }) };
  }

  #plan(fault: Fault): void {
    const at = (ms: number, act: () => void): void => void this.#clock.setTimeout(() => this.#guarded(act), ms);
    const endMs = fault.atMs + ("forMs" in fault ? (fault.forMs ?? 0) : 0);
    switch (fault.kind) {
      case "crash":
        at(fault.atMs, () => this.#crash(fault.node));
        at(endMs, () => this.#start(fault.node));
        return;
      case "pause":
        at(fault.atMs, () => (this.#node(fault.node).paused ??= []));
        at(endMs, () => {
          const waiting = this.#node(fault.node).paused ?? [];
          this.#node(fault.node).paused = undefined;
          for (const act of waiting) act();
        });
        return;
      case "block":
        at(fault.atMs, () => this.#blocked.add(`${fault.from} ${fault.to}`));
        at(endMs, () => this.#blocked.delete(`${fault.from} ${fault.to}`));
        return;
      case "partition":
        at(fault.atMs, () => this.#partition(fault.groups));
        at(endMs, () => this.#partition([]));
        return;
      default:
        throw new Error(`expected a kind of fault that the adaptor has, got ${fault.kind}`);
    }
  }

  #partition(groups: readonly (readonly string[])[]): void {
    const side = (id: string): number => groups.findIndex((group) => group.includes(id));
    const nodes = [...this.#nodes.values()];
    for (const [at, one] of nodes.entries()) {
      for (const other of nodes.slice(at + 1)) {
        const key = [one.id, other.id].sort().join(" ");
        if (side(one.id) === side(other.id)) this.#cut.delete(key);
        else this.#cut.add(key);
        this.#link(one, other);
      }
    }
  }

  #isCut(one: string, other: string): boolean {
    return this.#cut.has([one, other].sort().join(" "));
  }

  #node(id: string): Node {
    const node = this.#nodes.get(id);
    if (!node) throw new Error(`expected a known node, got ${id}`);
    return node;
  }

  #makeCluster(seed: number): Cluster {
    const now = (): number => this.#clock.now;
    const cluster = {
      seed,
      get now() {
        return now();
      },
      nodes: [...this.#nodes.keys()],
      history: new History(now),
      simulation: { isRunning: (id: string) => this.#node(id).life !== undefined },
      random: (label: string) => this.#random.split(label),
      api: (id: string) => this.#node(id).life?.api,
      call: (id: string, use: (api: Api) => void) => {
        const node = this.#node(id);
        const { life } = node;
        if (life) this.#turn(`call ${id}`, () => this.#happens(node, life, () => life.api && use(life.api)));
        return life !== undefined;
      },
      at: (ms: number, act: () => void) =>
        void this.#clock.setTimeout(() => this.#guarded(act), Math.max(0, ms - now())),
      check: (name: string, holds: boolean) => {
        if (!holds) this.violated ??= name;
      },
    };
    // The planted programs use only these members.
    return cluster as unknown as Cluster;
  }
}

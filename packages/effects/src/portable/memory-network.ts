/**
 * Links inside one process: the default network of nodes, and one for tests in real time.
 */
import type { PeerId } from "../brand.ts";
import { HandlerTakenError, NameTakenError } from "../errors.ts";
import { Fifo } from "./fifo.ts";
import { soon } from "./platform.ts";
import type { Cancel, LinkState, Network } from "../world.ts";

/** Settings of a {@link MemoryHub}. */
export interface MemoryHubOptions {
  /** Most frames in flight from one member to another. Beyond it `send` returns `"full"`. @defaultValue 16_384 */
  readonly linkFramesMax?: number;
  /** Most bytes in flight from one member to another. Beyond it `send` returns `"full"`. @defaultValue 16 MiB */
  readonly linkBytesMax?: number;
  /** Links two members only once one of them has dialed the other. @defaultValue false: all are linked with each other */
  readonly dialed?: boolean;
  /** Runs a task soon, from the event loop. @defaultValue `setImmediate` where it exists, else `setTimeout(0)` */
  readonly schedule?: (task: () => void) => unknown;
}

/** The links of one member of a {@link MemoryHub}. */
export interface MemoryNetwork extends Network {
  /** Takes all links down. The other members are notified, and no frame reaches this member again. */
  leave(): void;
}

/** A network in memory: every member has a link to every other member, or to those that it dials. */
export interface MemoryHub {
  /**
   * Adds a member, and links it with all other members unless the hub is `dialed`.
   *
   * @throws {@link NameTakenError} while another member has that name.
   */
  join(self: PeerId): MemoryNetwork;
  /**
   * Public keys that members publish for each other. Names are trusted, because all members run in this process.
   */
  readonly directory: Map<PeerId, Uint8Array>;
}

/** Most tasks that run in one turn of the event loop. */
const TASKS_PER_TURN = 1_024;

/**
 * Makes a hub without members.
 *
 * Frames arrive in order and from the event loop, never inside `send`. Queues are bounded: after a `full` the link
 * becomes `writable` again.
 *
 * @example
 * ```ts
 * import { memoryHub, peerId } from "@void-system/effects";
 *
 * const hub = memoryHub();
 * const a = hub.join(peerId("a"));
 * const b = hub.join(peerId("b"));
 * const arrived = new Promise<string>((resolve) => {
 *   b.onFrame((from, frame) => resolve(`${frame.length} bytes from ${from}`));
 * });
 * a.send(b.self, new Uint8Array(3)); // => "sent"
 * await arrived; // => "3 bytes from a"
 * a.leave();
 * b.send(a.self, new Uint8Array(3)); // => "down"
 * ```
 */
export function memoryHub(options: MemoryHubOptions = {}): MemoryHub {
  return new Hub(options);
}

let ofTheProcess: MemoryHub | undefined;

/**
 * Returns the hub that the whole process shares. It connects nodes that are configured without a network.
 *
 * @example
 * ```ts
 * import { processHub } from "@void-system/effects";
 * processHub() === processHub(); // => true
 * ```
 */
export function processHub(): MemoryHub {
  return (ofTheProcess ??= memoryHub());
}

class Hub implements MemoryHub {
  readonly directory: Map<PeerId, Uint8Array> = new Map();
  readonly framesMax: number;
  readonly bytesMax: number;
  readonly members = new Map<PeerId, Member>();
  readonly isDialed: boolean;
  readonly #schedule: (task: () => void) => unknown;
  readonly #tasks = new Fifo<() => void>();
  #due = false;

  constructor(options: MemoryHubOptions) {
    this.framesMax = options.linkFramesMax ?? 16_384;
    this.bytesMax = options.linkBytesMax ?? 16 * 1024 * 1024;
    this.isDialed = options.dialed ?? false;
    this.#schedule = options.schedule ?? soon;
  }

  join(self: PeerId): MemoryNetwork {
    if (this.members.has(self)) throw new NameTakenError("member", self);
    const member = new Member(this, self);
    if (!this.isDialed) for (const other of this.members.values()) member.connect(other);
    this.members.set(self, member);
    return member;
  }

  /** Queues a task. All events of a hub happen in the order of the calls that caused them. */
  enqueue(task: () => void): void {
    this.#tasks.push(task);
    this.#wake();
  }

  #wake(): void {
    if (this.#due) return;
    this.#due = true;
    this.#schedule(() => this.#turn());
  }

  #turn(): void {
    this.#due = false;
    const tasks = Math.min(this.#tasks.length, TASKS_PER_TURN);
    try {
      for (let done = 0; done < tasks; done += 1) this.#tasks.shift()?.();
    } finally {
      // A handler that throws ends this turn, as it would for a socket. The next turn runs the remaining tasks.
      if (this.#tasks.length > 0) this.#wake();
    }
  }
}

/** Frames in flight from one member to another. */
interface Way {
  frames: number;
  bytes: number;
  full: boolean;
}

interface LinkHandler {
  readonly handle: (peer: PeerId, state: LinkState) => void;
  /** True once it has been called for the links that were up when it was attached. */
  current: boolean;
}

class Member implements MemoryNetwork {
  readonly self: PeerId;
  readonly #hub: Hub;
  readonly #up = new Set<PeerId>();
  /** Members with a connection, which each end notices a little later. A way is a connection's direction. */
  readonly #ways = new Map<Member, Way>();
  readonly #linkHandlers = new Set<LinkHandler>();
  #frameHandler: ((from: PeerId, frame: Uint8Array) => void) | undefined;
  #left = false;

  constructor(hub: Hub, self: PeerId) {
    this.#hub = hub;
    this.self = self;
    this.#open(this);
  }

  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    const receiver = this.#left ? undefined : this.#hub.members.get(to);
    if (!receiver) return "down";
    const way = this.#ways.get(receiver);
    if (!way) return "down";
    // An idle link takes any one frame, however large, so no frame is refused forever.
    if (way.frames > 0 && (way.frames >= this.#hub.framesMax || way.bytes + frame.length > this.#hub.bytesMax)) {
      way.full = true;
      return "full";
    }
    way.frames += 1;
    way.bytes += frame.length;
    this.#hub.enqueue(() => this.#arrive(receiver, way, frame));
    return "sent";
  }

  onFrame(handle: (from: PeerId, frame: Uint8Array) => void): Cancel {
    if (this.#frameHandler) throw new HandlerTakenError();
    this.#frameHandler = handle;
    return () => {
      if (this.#frameHandler === handle) this.#frameHandler = undefined;
    };
  }

  onLink(handle: (peer: PeerId, state: LinkState) => void): Cancel {
    const handler: LinkHandler = { handle, current: false };
    this.#linkHandlers.add(handler);
    this.#hub.enqueue(() => {
      handler.current = true;
      for (const peer of this.#up) if (this.#linkHandlers.has(handler)) handle(peer, "up");
    });
    return () => void this.#linkHandlers.delete(handler);
  }

  dial(peer: PeerId): void {
    const other = this.#hub.members.get(peer);
    if (this.#left || (other && this.#ways.has(other))) return;
    if (other) this.connect(other);
    else this.#hub.enqueue(() => this.link(peer, "failed"));
  }

  hangUp(peer: PeerId): void {
    const other = this.#hub.members.get(peer);
    if (this.#left || !this.#hub.isDialed || !other || other === this || !this.#ways.has(other)) return;
    for (const [one, end] of [[this, other], [other, this]] as const) {
      one.#ways.delete(end);
      this.#hub.enqueue(() => one.link(end.self, "down"));
    }
  }

  /** Connects two members. */
  connect(other: Member): void {
    for (const [one, end] of [[this, other], [other, this]] as const) {
      one.#open(end);
      this.#hub.enqueue(() => one.link(end.self, "up"));
    }
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#frameHandler = undefined;
    this.#linkHandlers.clear();
    this.#hub.members.delete(this.self);
    for (const other of this.#hub.members.values()) {
      if (!this.#ways.has(other)) continue;
      this.#hub.enqueue(() => {
        other.#ways.delete(this);
        other.link(this.self, "down");
      });
    }
  }

  link(peer: PeerId, state: LinkState): void {
    if (this.#left) return;
    if (state === "up") this.#up.add(peer);
    if (state === "down") this.#up.delete(peer);
    for (const handler of this.#linkHandlers) if (handler.current) handler.handle(peer, state);
  }

  #open(other: Member): void {
    this.#ways.set(other, { frames: 0, bytes: 0, full: false });
  }

  #arrive(receiver: Member, way: Way, frame: Uint8Array): void {
    // The connection has ended since.
    if (this.#ways.get(receiver) !== way) return;
    way.frames -= 1;
    way.bytes -= frame.length;
    if (way.full && way.frames * 2 <= this.#hub.framesMax && way.bytes * 2 <= this.#hub.bytesMax) {
      way.full = false;
      if (!receiver.#left) this.#hub.enqueue(() => this.link(receiver.self, "writable"));
    }
    receiver.#frameHandler?.(this.self, frame);
  }
}

/**
 * Links inside one process: what nodes stand on by default, and in tests that want real time.
 */
import type { PeerId } from "../brand.ts";
import { HandlerTakenError, NameTakenError } from "../errors.ts";
import { Fifo } from "./fifo.ts";
import { soon } from "./platform.ts";
import type { Cancel, LinkState, Network } from "../world.ts";

/** Settings of a {@link MemoryHub}. */
export interface MemoryHubOptions {
  /** Frames on their way from one member to another; above it `send` says `full`. @defaultValue 16_384 */
  readonly linkFramesMax?: number;
  /** Bytes on their way from one member to another; above it `send` says `full`. @defaultValue 16 MiB */
  readonly linkBytesMax?: number;
  /** Runs a task from the event loop, soon. @defaultValue `setImmediate` where there is one, else `setTimeout(0)` */
  readonly schedule?: (task: () => void) => unknown;
}

/** A member's links, until it leaves. */
export interface MemoryNetwork extends Network {
  /** Takes all links down: the other members are told, and nothing reaches this one any more. */
  leave(): void;
}

/** Members of one process that can reach each other. */
export interface MemoryHub {
  /**
   * Links a new member with all the others.
   *
   * @throws {@link NameTakenError} while a member of that name is there.
   */
  join(self: PeerId): MemoryNetwork;
  /**
   * Public keys that members publish for each other. Inside one process names are trusted: nothing checks who writes
   * here, and nobody can be there who does not run in this process.
   */
  readonly directory: Map<PeerId, Uint8Array>;
}

/** Most tasks that run before the event loop gets a turn. */
const TASKS_PER_TURN = 1_024;

/**
 * A hub of its own, with nobody in it.
 *
 * Frames arrive in order, from the event loop, never inside of `send`. Queues are bounded: `full`, later `writable`.
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
 * The one hub that this process shares: nodes that are given no network meet here.
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
  readonly #schedule: (task: () => void) => unknown;
  readonly #tasks = new Fifo<() => void>();
  #due = false;

  constructor(options: MemoryHubOptions) {
    this.framesMax = options.linkFramesMax ?? 16_384;
    this.bytesMax = options.linkBytesMax ?? 16 * 1024 * 1024;
    this.#schedule = options.schedule ?? soon;
  }

  join(self: PeerId): MemoryNetwork {
    if (this.members.has(self)) throw new NameTakenError("member", self);
    const member = new Member(this, self);
    for (const other of this.members.values()) {
      this.enqueue(() => member.link(other.self, "up"));
      this.enqueue(() => other.link(self, "up"));
    }
    this.members.set(self, member);
    return member;
  }

  /** All that happens in a hub happens in one order: that of the calls that caused it. */
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
      // A handler that throws ends this turn, as it would a socket's; the next one takes up what is left.
      if (this.#tasks.length > 0) this.#wake();
    }
  }
}

/** What is on its way from one member to another. */
interface Way {
  frames: number;
  bytes: number;
  full: boolean;
}

interface LinkHandler {
  readonly handle: (peer: PeerId, state: LinkState) => void;
  /** False until it was told of the links that are up. */
  told: boolean;
}

class Member implements MemoryNetwork {
  readonly self: PeerId;
  readonly #hub: Hub;
  readonly #up = new Set<PeerId>();
  readonly #ways = new Map<Member, Way>();
  readonly #linkHandlers = new Set<LinkHandler>();
  #frameHandler: ((from: PeerId, frame: Uint8Array) => void) | undefined;
  #left = false;

  constructor(hub: Hub, self: PeerId) {
    this.#hub = hub;
    this.self = self;
  }

  send(to: PeerId, frame: Uint8Array): "sent" | "full" | "down" {
    const receiver = this.#left ? undefined : this.#hub.members.get(to);
    if (!receiver) return "down";
    let way = this.#ways.get(receiver);
    if (!way) this.#ways.set(receiver, (way = { frames: 0, bytes: 0, full: false }));
    // An idle way takes any one frame, however large: nothing is refused for ever.
    if (way.frames > 0 && (way.frames >= this.#hub.framesMax || way.bytes + frame.length > this.#hub.bytesMax)) {
      way.full = true;
      return "full";
    }
    way.frames += 1;
    way.bytes += frame.length;
    const taken = way;
    this.#hub.enqueue(() => this.#arrive(receiver, taken, frame));
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
    const handler: LinkHandler = { handle, told: false };
    this.#linkHandlers.add(handler);
    this.#hub.enqueue(() => {
      handler.told = true;
      for (const peer of this.#up) if (this.#linkHandlers.has(handler)) handle(peer, "up");
    });
    return () => void this.#linkHandlers.delete(handler);
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#frameHandler = undefined;
    this.#linkHandlers.clear();
    this.#hub.members.delete(this.self);
    for (const other of this.#hub.members.values()) {
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
    for (const handler of this.#linkHandlers) if (handler.told) handler.handle(peer, state);
  }

  #arrive(receiver: Member, way: Way, frame: Uint8Array): void {
    way.frames -= 1;
    way.bytes -= frame.length;
    if (way.full && way.frames * 2 <= this.#hub.framesMax && way.bytes * 2 <= this.#hub.bytesMax) {
      way.full = false;
      if (!receiver.#left) this.#hub.enqueue(() => this.link(receiver.self, "writable"));
    }
    receiver.#frameHandler?.(this.self, frame);
  }
}

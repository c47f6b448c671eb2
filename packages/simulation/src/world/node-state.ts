/**
 * A node, as one sees it who has stopped time.
 */
import type { PeerId } from "@void-system/effects";
import { type EventName, eventName } from "../engine/event-kind.ts";
import type { EventLoop } from "../engine/event-loop.ts";
import { FIELD, NO_EVENT } from "../engine/event-table.ts";
import type { Thread } from "../engine/thread.ts";
import type { LogContents } from "./simulated-disk.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import { SIMULATION_EPOCH_MS } from "./simulated-world.ts";

/** Something that will happen to a node. */
export interface PendingEvent {
  readonly kind: EventName;
  /** When it is due, in virtual milliseconds. */
  readonly atMs: number;
  /** Frames and links: the other end. */
  readonly peer: PeerId | undefined;
}

/** What a node's thread does. */
export interface ThreadState {
  /** Virtual milliseconds for which it has worked since the beginning, in all lives of the node. */
  readonly busyMs: number;
  /** When it will be free, in virtual milliseconds; in the past: it is. A pause puts it off. */
  readonly freeAtMs: number;
  /** Events that are due and wait for it. */
  readonly waiting: number;
}

/** What a node is and knows at a moment of a run. */
export interface NodeState {
  /** Who. */
  readonly id: PeerId;
  /** True from its start to its crash or the end of its stop. */
  readonly running: boolean;
  /** True while it is frozen. */
  readonly paused: boolean;
  /** Its wall clock. */
  readonly wallMs: number;
  /** The links that it believes to be up. */
  readonly links: readonly PeerId[];
  /** What is on its disk, by the names of its logs. */
  readonly logs: Readonly<Record<string, LogContents>>;
  /** Its thread; undefined without the option `cpu`, and for guests. */
  readonly cpu: ThreadState | undefined;
  /** What will happen to it, the next first. */
  readonly pending: readonly PendingEvent[];
  /** What its boot's `state` tells; nothing when it has none or is down. */
  readonly state: unknown;
}

/** A node as it is now; `links` are those that it believes to be up, `nameOf` tells a node's name by its index. */
export function stateOf(
  node: SimulatedNode,
  loop: EventLoop,
  links: readonly PeerId[],
  nameOf: (index: number) => PeerId | undefined,
  thread: Thread | undefined
): NodeState {
  const { table, nowUs, paused } = loop;
  return {
    id: node.id,
    running: node.life !== undefined,
    paused: paused.has(node.index),
    wallMs: SIMULATION_EPOCH_MS + Math.floor(node.clock.wallUs(nowUs) / 1000),
    links: [...links].sort(),
    logs: node.disk.contents(),
    cpu: thread && {
      busyMs: thread.busyUs(nowUs) / 1000,
      freeAtMs: thread.freeAtUs / 1000,
      waiting: thread.waiting.length + (thread.next === NO_EVENT ? 0 : 1),
    },
    pending: loop.pendingOf(node.index).map((event) => ({
      kind: eventName(table.kindOf(event)),
      atMs: table.timeUs(event) / 1000,
      peer: nameOf(table.get(event, FIELD.peer)),
    })),
    state: node.life?.booted?.state?.(),
  };
}

/**
 * State of a node, for inspection while time stands still.
 */
import type { PeerId } from "@void-system/effects";
import { type EventName, eventName } from "../engine/event-kind.ts";
import type { EventLoop } from "../engine/event-loop.ts";
import { FIELD, NO_EVENT } from "../engine/event-table.ts";
import type { Thread } from "../engine/thread.ts";
import type { LogContents } from "./simulated-disk.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import { SIMULATION_EPOCH_MS } from "./simulated-world.ts";

/** A pending event of a node. */
export interface PendingEvent {
  readonly kind: EventName;
  /** Due time in virtual milliseconds. */
  readonly atMs: number;
  /** Other end, for frames and links. */
  readonly peer: PeerId | undefined;
}

/** State of a node's thread. */
export interface ThreadState {
  /** Virtual milliseconds that the thread has worked since the beginning, in all lives of the node. */
  readonly busyMs: number;
  /**
   * Time in virtual milliseconds at which the thread is free. A time in the past means that it is free now. A pause
   * postpones it.
   */
  readonly freeAtMs: number;
  /** Number of events that are due and wait for the thread. */
  readonly waiting: number;
}

/** State of a node at a moment of a run. */
export interface NodeState {
  /** Name of the node. */
  readonly id: PeerId;
  /** True from the node's start to its crash or the end of its stop. */
  readonly running: boolean;
  /** True while the node is paused. */
  readonly paused: boolean;
  /** Wall clock in milliseconds since 1970. */
  readonly wallMs: number;
  /** Peers whose links the node believes to be up. */
  readonly links: readonly PeerId[];
  /** Contents of the disk, by the name of each log. */
  readonly logs: Readonly<Record<string, LogContents>>;
  /** Thread of the node. Undefined without the option `cpu`, and for guests. */
  readonly cpu: ThreadState | undefined;
  /** Pending events, the next one first. */
  readonly pending: readonly PendingEvent[];
  /** Result of the boot's `state`. Undefined if it has none or the node is down. */
  readonly state: unknown;
}

/**
 * Returns the current state of a node. `links` are the peers whose links it believes to be up, and `nameOf` returns the
 * name of a node by its index.
 */
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
    state: stateBy(node.life?.booted?.state, loop),
  };
}

/** Calls a boot's `state`. It is the node's code, but looks at time that stands still. */
function stateBy(state: (() => unknown) | undefined, loop: EventLoop): unknown {
  return state && loop.audited(state);
}

/**
 * Types that the parts of a simulation share: nodes, their lives, and the planning of events.
 */
import type { LinkState, LogLevel, PeerId, World } from "@void-system/effects";
import type { Cpu } from "../engine/cpu.ts";
import type { EventKind } from "../engine/event-kind.ts";
import type { EventTable, Fate } from "../engine/event-table.ts";
import type { NodeClock } from "./node-clock.ts";

/** Options of a new node. */
export interface NodeOptions {
  /**
   * Makes the node a guest, such as a client of a workload. A guest is linked with all nodes but with no other guest,
   * and only once its program has used its network. @defaultValue false
   */
  readonly guest?: boolean;
}

/** Asks a node to stop gracefully. The node calls `done` once it has stopped. */
export type Stop = (done: () => void) => void;

/**
 * Program of a node. It gets the World of one life and acts in it through callbacks. After each restart it runs again,
 * with a new World over the same disk.
 */
export type Boot<Api = unknown> = (world: World) => void | Booted<Api>;

/** Optional result of a program. */
export interface Booted<Api = unknown> {
  /** Stops the node gracefully. */
  readonly stop?: Stop;
  /** API for callers in the node's process. The clients of a `simulate` run use it. */
  readonly api?: Api;
  /** Returns the node's state for people. `inspect` shows it. */
  readonly state?: () => unknown;
}

/**
 * A handler of link states. It is `ready` from the report of the links that were up when it was attached until it is
 * detached.
 */
export interface LinkHandler {
  readonly handle: (peer: PeerId, state: LinkState) => void;
  ready: boolean;
}

/** One life of a node, from a start to a crash or a stop. */
export interface Life {
  alive: boolean;
  /** True if the node takes part in the network. A guest does from the first use of its network. */
  networked: boolean;
  /** Replaced, never changed, so a notification in progress sees the handlers it began with. */
  linkHandlers: readonly LinkHandler[];
  booted: Booted | undefined;
}

/** One line of a node's log. */
export interface SimulationLine {
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  /** Node that logged the line. */
  readonly node: PeerId;
  /** Level of the line. */
  readonly level: LogLevel;
  /** Stable name of the event. */
  readonly event: string;
  /** Further fields of the line. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** A node, as seen by its links, its disk and its log. */
export interface KernelNode {
  readonly id: PeerId;
  readonly index: number;
  /** See {@link NodeOptions}. */
  readonly isGuest: boolean;
  readonly clock: NodeClock;
  /** The current life; undefined while the node is down. */
  readonly life: Life | undefined;
  /** Group of the partition that the node is in. */
  readonly group: number;
}

/** The simulation, as seen by its parts. */
export interface Kernel {
  readonly nowUs: number;
  /** Pending events. */
  readonly table: EventTable;
  /** Undefined if the work of nodes takes no time. */
  readonly cpu: Cpu | undefined;
  /**
   * Plans an event of a node (-1 for none) and returns its number. It is skipped if `life`, where given, has ended by
   * then.
   */
  plan(
    kind: EventKind,
    atUs: number,
    node: number,
    life: { readonly alive: boolean } | undefined,
    peer: number,
    bytes: Uint8Array | undefined,
    run: () => void
  ): number;
  /** Plans the arrival or the loss of a frame on a lane between two nodes. `sum` is the frame's checksum. */
  carry(atUs: number, from: number, to: number, bytes: Uint8Array, lane: number, epoch: number, fate: Fate, sum: number): void;
  /** Is called when a node sends a frame to another node, if anybody asks for it. */
  readonly sending: ((from: number, to: PeerId) => void) | undefined;
  /** Is called when a node sends a frame to a name that no node has. */
  stranger(from: number, to: PeerId): void;
  /** Returns the error for a frame, sent at `sentUs`, whose bytes have changed. */
  changed(from: number, to: number, sentUs: number): Error;
  /** Notes the result of the event that is happening. */
  note(text: string): void;
  /** Returns a node by its name, which must be known. */
  node(id: string): KernelNode;
  log(node: KernelNode, level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * What the parts of a simulation know of each other: nodes, their lives, and how to plan an event.
 */
import type { LinkState, LogLevel, PeerId, World } from "@void-system/effects";
import type { Cpu } from "../engine/cpu.ts";
import type { EventKind } from "../engine/event-kind.ts";
import type { EventTable, Fate } from "../engine/event-table.ts";
import type { NodeClock } from "./node-clock.ts";

/** How a node is added. */
export interface NodeOptions {
  /**
   * A guest, such as a client of a workload: it is linked with all nodes and with no other guest, and only once its
   * program has used its network. @defaultValue false
   */
  readonly guest?: boolean;
}

/** Asks a node to end well; it calls `done` when it has. */
export type Stop = (done: () => void) => void;

/**
 * The program of a node: it gets the World of one life, and acts in it by callbacks. It runs again, with a new World
 * over the same disk, after each restart.
 */
export type Boot<Api = unknown> = (world: World) => void | Booted<Api>;

/** What a program may hand back. */
export interface Booted<Api = unknown> {
  /** How to end it well. */
  readonly stop?: Stop;
  /** What others of its process would call: clients of a `simulate` run do. */
  readonly api?: Api;
  /** What it knows, for people: `inspect` shows it. */
  readonly state?: () => unknown;
}

/** A handler of link states; `told` once it knows the links that were up when it was attached, until it is detached. */
export interface LinkHandler {
  readonly handle: (peer: PeerId, state: LinkState) => void;
  told: boolean;
}

/** One life of a node, from a start to a crash or a stop. */
export interface Life {
  alive: boolean;
  /** It takes part in the network: a guest does once it has used it. */
  networked: boolean;
  /** Replaced, not changed: who is told while one comes or goes was there before. */
  linkHandlers: readonly LinkHandler[];
  booted: Booted | undefined;
}

/** One line of a node's log. */
export interface SimulationLine {
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  /** Who says it. */
  readonly node: PeerId;
  /** How much it matters. */
  readonly level: LogLevel;
  /** Its stable name. */
  readonly event: string;
  /** What it says besides. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
}

/** A node, as its links, its disk and its log see it. */
export interface KernelNode {
  readonly id: PeerId;
  readonly index: number;
  /** See {@link NodeOptions}. */
  readonly isGuest: boolean;
  readonly clock: NodeClock;
  /** The life that is going on; undefined while the node is down. */
  readonly life: Life | undefined;
  /** The part of a partition that it is in. */
  readonly group: number;
}

/** The simulation, as its parts see it. */
export interface Kernel {
  readonly nowUs: number;
  /** What is to happen. */
  readonly table: EventTable;
  /** Nothing: work of nodes takes no time. */
  readonly cpu: Cpu | undefined;
  /**
   * Plans an event of the node with that index (-1: of none); returns its number. It happens only if `life`, where
   * given, is still going on.
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
  /** Plans the arrival of a frame over a lane, or its loss, between the nodes of these indices. */
  carry(atUs: number, from: number, to: number, bytes: Uint8Array, lane: number, epoch: number, fate: Fate): void;
  /** Says what becomes of the event that is happening. */
  note(text: string): void;
  /** A node by its name, which must be known. */
  node(id: string): KernelNode;
  log(node: KernelNode, level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void;
}

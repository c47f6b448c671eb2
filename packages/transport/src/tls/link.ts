import type { Cancel, PeerId } from "@void-system/effects";
import { LinkCounters } from "../transport.ts";
import type { Connection } from "./connection/connection.ts";
import type { Address, Dialer } from "./peers/dialer.ts";
import { keyIdOf } from "./peers/knock.ts";
import { Twins } from "./peers/twins.ts";

/** State of a peer, linked or not. */
export interface Link {
  readonly id: PeerId;
  /** Key of the peer as text. Undefined while a node that is not listed has not shown it. */
  pin: string | undefined;
  /** True for a listed peer, which is linked always. False for one that was dialed, or has dialed. */
  isListed: boolean;
  /** True from `dial` until the link is up, or has failed. */
  isDialed: boolean;
  readonly counters: LinkCounters;
  address: Address | undefined;
  dialer: Dialer | undefined;
  /** Set while the link is up. */
  connection: Connection | undefined;
  /** The connection that was hung up, until it is closed. */
  leaving: Connection | undefined;
  /** Number of holds on its frames. */
  holds: number;
  /** True if `send` has returned `full` since the link came up. */
  full: boolean;
  /** True if a frame was too long since the link came up. */
  tooLong: boolean;
  /** Other processes with the peer's key. */
  readonly twins: Twins;
  /** Set while it is not known yet which of two processes is alive. */
  cancelSuspicion: Cancel | undefined;
  /** Reason that was logged last, so that a peer that stays away is logged once. */
  trouble: string | undefined;
}

/** Returns the state of a peer that is not linked. */
export function newLink(id: PeerId, pin: string | undefined, isListed: boolean): Link {
  return {
    id,
    pin,
    isListed,
    isDialed: false,
    leaving: undefined,
    counters: new LinkCounters(),
    address: undefined,
    dialer: undefined,
    connection: undefined,
    holds: 0,
    full: false,
    tooLong: false,
    twins: new Twins(),
    cancelSuspicion: undefined,
    trouble: undefined,
  };
}

/** Returns the id of a peer's key as a field of the log, once the key is known. */
export function keyIdOfLink({ pin }: Link): { readonly keyId?: string } {
  return pin === undefined ? {} : { keyId: keyIdOf(pin) };
}

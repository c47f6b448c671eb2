import type { PeerId } from "../brand.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { SimulatedNode } from "./kernel.ts";
import type { Conditions } from "./link-conditions.ts";

/** A frame that arrived at a clogged lane. */
export interface Waiting {
  readonly frame: Uint8Array;
  readonly epoch: number;
}

/**
 * One direction between two nodes: what is known of it, and of the connection that it has now. One object, not several:
 * among ten thousand nodes a frame costs the memory that it touches.
 */
export class Lane {
  readonly from: SimulatedNode;
  /** The name of `from`, at hand. */
  readonly fromId: PeerId;
  readonly to: SimulatedNode;
  /** The other direction. */
  back: Lane = this;
  readonly random: SeededRandom;
  conditions: Conditions;
  /** When the last change of the link is told to `from`. */
  toldUs = 0;
  blocked = false;
  clogged = false;
  connected = false;
  cut = false;
  /** Its sender was told `full`. */
  full = false;
  /** A connection that broke never carries another frame: its epoch is over. Both directions know the same. */
  epoch = 0;
  /** The epoch in which `from` believes it to be up; 0: it is down. */
  upEpoch = 0;
  /** What is on its way, as `from` knows it. */
  frames = 0;
  bytes = 0;
  /** No frame arrives earlier: the other end does not know yet that it is up. */
  earliestUs = 0;
  lastArrivalUs = 0;
  /** Frames that arrived while it was clogged, if there are any. */
  waiting: Waiting[] | undefined;

  constructor(from: SimulatedNode, to: SimulatedNode, random: SeededRandom, conditions: Conditions) {
    this.from = from;
    this.fromId = from.id;
    this.to = to;
    this.random = random;
    this.conditions = conditions;
  }
}

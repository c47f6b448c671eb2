
import type { Conditions } from "./link-conditions.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** A frame that arrived at a clogged lane. */
export interface Waiting {
  readonly frame: Uint8Array;
  readonly epoch: number;
}

/** One direction between two nodes: what is known of it besides what every frame needs, which is in the lane table. */
export class Lane {
  /** Its place in the lane table. */
  readonly number: number;
  readonly from: SimulatedNode;
  readonly to: SimulatedNode;
  /** The other direction. */
  back: Lane = this;
  conditions: Conditions;
  /** When the last change of the link is told to `from`. */
  toldUs = 0;
  blocked = false;
  clogged = false;
  connected = false;
  cut = false;
  /** Frames that arrived while it was clogged, if there are any. */
  waiting: Waiting[] | undefined;

  constructor(number: number, from: SimulatedNode, to: SimulatedNode, conditions: Conditions) {
    this.number = number;
    this.from = from;
    this.to = to;
    this.conditions = conditions;
  }
}

/**
 * Keeps the order of a peer's messages although `Wire.open` may answer late and out of turn.
 */
import type { PeerId, Verified } from "../brand.ts";
import type { Wire } from "../core.ts";
import { reasonOf } from "../errors.ts";
import { Fifo } from "../fifo.ts";

/** A frame on its way through `Wire.open`. */
interface Opening<M> {
  decided?: true;
  /** There is one when it was accepted. */
  message?: Verified<M>;
}

/** A peer, as far as its frames go. */
export class Peer<M> {
  /** Those that are undecided, or wait behind one that is. */
  readonly openings: Fifo<Opening<M>> = new Fifo();
  rejections = 0;
}

/** Opens a frame. What is accepted of a peer's frames is taken in their order; what is rejected is told at once. */
export function openInTurn<M>(
  { openings }: Peer<M>,
  wire: Wire<M>,
  from: PeerId,
  frame: Uint8Array,
  accept: (message: Verified<M>) => void,
  reject: (reason: string) => void,
): void {
  const opening: Opening<M> = {};
  openings.push(opening);
  let late = false;
  const advance = (): void => {
    for (let head = openings.peek(); head?.decided; head = openings.peek()) {
      openings.shift();
      if (head.message !== undefined) accept(head.message);
    }
  };
  const decide = (message: Verified<M> | undefined, reason: string): void => {
    if (opening.decided) return;
    opening.decided = true;
    if (message === undefined) reject(reason);
    else opening.message = message;
    if (late) advance();
  };
  try {
    wire.open(from, frame, (message) => decide(message, ""), (reason) => decide(undefined, reason));
  } catch (error) {
    // `open` is total by contract. A frame that makes it throw is a stranger's doing, so it must not end this node.
    decide(undefined, `the wire threw: ${reasonOf(error)}`);
  }
  late = true;
  advance();
}

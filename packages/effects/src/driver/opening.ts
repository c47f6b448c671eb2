/**
 * Keeps the order of a peer's messages although `Wire.open` may answer late and out of turn.
 */
import type { Verified } from "../brand.ts";
import { reasonOf } from "../errors.ts";

/** A frame on its way through `Wire.open`. */
interface Opening<M> {
  decided?: true;
  /** There is one when it was accepted. */
  message?: Verified<M>;
}

/** A peer, as far as its frames go. */
export interface Peer<M> {
  /** Those that are undecided, or wait behind one that is. */
  readonly openings: Opening<M>[];
  rejections: number;
}

/** Opens a frame. What is accepted of a peer's frames is taken in their order; what is rejected is told at once. */
export function openInTurn<M>(
  { openings }: Peer<M>,
  open: (accept: (message: Verified<M>) => void, reject: (reason: string) => void) => void,
  accept: (message: Verified<M>) => void,
  reject: (reason: string) => void,
): void {
  const opening: Opening<M> = {};
  openings.push(opening);
  let late = false;
  const advance = (): void => {
    while (openings[0]?.decided) {
      const message = openings.shift()?.message;
      if (message !== undefined) accept(message);
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
    open((message) => decide(message, ""), (reason) => decide(undefined, reason));
  } catch (error) {
    // `open` is total by contract. A frame that makes it throw is a stranger's doing, so it must not end this node.
    decide(undefined, `the wire threw: ${reasonOf(error)}`);
  }
  late = true;
  advance();
}

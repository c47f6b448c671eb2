/**
 * Keeps the order of a peer's messages although `Wire.open` may answer late and out of turn.
 */
import { reasonOf } from "../errors.ts";

/** A frame on its way through `Wire.open`. */
interface Opening<I> {
  /** What it became, or why it was rejected. */
  decided?: I | string;
}

/** A peer, as far as its frames go. */
export interface Peer<I> {
  /** Those that are undecided, or wait behind one that is. */
  readonly openings: Opening<I>[];
  rejections: number;
}

/** Opens a frame. What is accepted of a peer's frames is taken in their order; what is rejected is told at once. */
export function openInTurn<I extends object>(
  { openings }: Peer<I>,
  open: (decide: (decided: I | string) => void) => void,
  take: (input: I) => void,
  reject: (reason: string) => void,
): void {
  const opening: Opening<I> = {};
  openings.push(opening);
  let late = false;
  const advance = (): void => {
    while (openings[0]?.decided !== undefined) {
      const decided = openings.shift()?.decided;
      if (typeof decided === "object") take(decided);
    }
  };
  const decide = (decided: I | string): void => {
    if (opening.decided !== undefined) return;
    opening.decided = decided;
    if (typeof decided === "string") reject(decided);
    if (late) advance();
  };
  try {
    open(decide);
  } catch (error) {
    // `open` is total by contract. A frame that makes it throw is a stranger's doing, so it must not end this node.
    decide(`the wire threw: ${reasonOf(error)}`);
  }
  late = true;
  advance();
}

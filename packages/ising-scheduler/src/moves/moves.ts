import { group } from "./group.ts";
import type { Move } from "./move.ts";
import { single } from "./single.ts";
import { swap } from "./swap.ts";

/** Each kind of move, and how many of 16 steps are of its kind. A new one is a file beside these and a line here. */
const SHARES = { single: [single, 7], swap: [swap, 6], group: [group, 3] } satisfies Record<string, readonly [Move, number]>;

/** The kinds by a draw of 4 bits. */
export const MOVES: readonly Move[] = Object.values(SHARES).flatMap(([move, share]) => new Array<Move>(share).fill(move));

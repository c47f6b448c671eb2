/** A part of a search. It can stop after any step and go on. */
export interface Stage {
  /** True once it is over. */
  readonly done: boolean;
  /** Makes up to `limit` steps; returns how many. */
  advance(limit: number): number;
}

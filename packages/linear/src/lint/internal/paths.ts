import type { TSESTree } from "@typescript-eslint/types";
import { join, returned, within } from "./state.ts";
import type { State } from "./state.ts";

/** A path that leaves the current statement, and its target. */
export interface Jump {
  readonly to: "break" | "continue" | "return" | "throw";
  readonly label: string | undefined;
  readonly state: State;
}

/** Maximum of rounds until a loop counts as followed. Each variable has few bits, so a loop settles long before. */
const LOOP_ROUNDS_MAX = 16;

/** The paths through one function: the state on the current path, and the paths that left it by a jump. */
export class Paths {
  /** The possible states at this point; `undefined` if no path arrives here. */
  state: State;
  /** True while this path leaves by a throw, and so requires nothing of the values. */
  isUnwinding = false;
  #jumps: Jump[] = [];

  constructor(start: State) {
    this.state = start;
  }

  /** Returns the possible states at the function's end, other than by a throw. */
  end(): State {
    let end = this.state;
    for (const jump of this.#jumps) if (jump.to !== "throw") end = join(end, jump.state);
    return end;
  }

  /** Leaves for another place. */
  jump(to: Jump["to"], label?: string): void {
    this.#jumps.push({ to, label, state: this.state });
    this.state = undefined;
  }

  /** Records that a path may leave here by a throw, besides the one that continues. */
  mayThrow(): void {
    if (this.state !== undefined) this.#jumps.push({ to: "throw", label: undefined, state: returned(this.state) });
  }

  /** Follows `part` from a separate state and returns the state at its end. The current state is unchanged. */
  branch(start: State, part: () => unknown): State {
    const before = this.state;
    this.state = start;
    if (start !== undefined) part();
    const end = this.state;
    this.state = before;
    return end;
  }

  /** Follows `part` and returns its end, joined with the jumps that end here. Other jumps continue outwards. */
  catching(part: () => void, isMine: (jump: Jump) => boolean): State {
    const outer = this.#jumps;
    this.#jumps = [];
    part();
    let end = this.state;
    for (const jump of merged(this.#jumps)) {
      if (isMine(jump)) end = join(end, jump.state);
      else outer.push(jump);
    }
    this.#jumps = outer;
    return end;
  }

  /** Follows the parts of a `try`. Every way out of the block and the handler goes through the finalizer. */
  attempt(block: () => void, handler: (() => void) | undefined, finalizer: (() => void) | undefined): void {
    const outer = this.#jumps;
    this.#jumps = [];
    block();
    if (handler !== undefined) {
      let thrown: State;
      for (const jump of this.#jumps) if (jump.to === "throw") thrown = join(thrown, jump.state);
      this.#jumps = this.#jumps.filter((jump) => jump.to !== "throw");
      this.state = join(this.state, this.branch(thrown, handler));
    }
    const left = merged(this.#jumps);
    this.#jumps = outer;
    if (finalizer === undefined) {
      this.#jumps.push(...left);
      return;
    }
    finalizer();
    const before = this.isUnwinding;
    for (const jump of left) {
      this.isUnwinding = before || jump.to === "throw";
      const state = this.branch(jump.state, finalizer);
      this.isUnwinding = before;
      if (state !== undefined) this.#jumps.push({ ...jump, state });
    }
  }

  /**
   * Follows the rounds of a loop, from ever wider states, until a round adds nothing. A round returns the state that
   * leaves the loop.
   */
  untilSettled(
    labels: readonly string[],
    exec: (node: TSESTree.Statement) => void,
    round: (body: (node: TSESTree.Statement) => void) => State,
  ): void {
    let head = this.state;
    const mine = (to: Jump["to"]) => (jump: Jump) =>
      jump.to === to && (jump.label === undefined || labels.includes(jump.label));
    let exit: State;
    for (let count = 0; count < LOOP_ROUNDS_MAX; count++) {
      this.state = head;
      let left: State;
      let back: State;
      const broken = this.catching(() => {
        left = round((node) => {
          this.state = this.catching(() => exec(node), mine("continue"));
        });
        back = this.state;
        this.state = undefined;
      }, mine("break"));
      exit = join(exit, join(left, broken));
      if (within(back, head)) break;
      head = join(head, back);
    }
    this.state = exit;
  }
}

/** Merges the jumps to each target into one. */
function merged(jumps: readonly Jump[]): readonly Jump[] {
  const byPlace = new Map<string, Jump>();
  for (const jump of jumps) {
    const place = `${jump.to} ${jump.label ?? ""}`;
    byPlace.set(place, { ...jump, state: join(byPlace.get(place)?.state, jump.state) });
  }
  return [...byPlace.values()];
}

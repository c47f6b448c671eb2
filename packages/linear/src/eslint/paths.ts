import { join } from "./state.ts";
import type { State } from "./state.ts";

/** A path that leaves the statement at hand, and where it goes. */
export interface Jump {
  readonly to: "break" | "continue" | "return" | "throw";
  readonly label: string | undefined;
  readonly state: State;
}

/** The paths through a function at one point of it: the state of those that go on, and those that have left. */
export class Paths {
  /** What may be here; `undefined` where no path arrives. */
  state: State;
  #jumps: Jump[] = [];

  constructor(start: State) {
    this.state = start;
  }

  /** Runs a part from another state and returns its end; here nothing changes. */
  branch(start: State, part: () => unknown): State {
    const before = this.state;
    this.state = start;
    if (start !== undefined) part();
    const end = this.state;
    this.state = before;
    return end;
  }

  /** Leaves with all that is here. */
  jump(to: Jump["to"], label?: string): void {
    this.#jumps.push({ to, label, state: this.state });
    this.state = undefined;
  }

  /** Lets a throw leave, and goes on. */
  mayThrow(): void {
    if (this.state !== undefined) this.#jumps.push({ to: "throw", label: undefined, state: this.state });
  }

  /** Runs a part and returns where it may have left to, one jump for each place. */
  leaving(part: () => void): readonly Jump[] {
    const outer = this.#jumps;
    this.#jumps = [];
    part();
    const left = merged(this.#jumps);
    this.#jumps = outer;
    return left;
  }

  /** Lets a jump of a part go on outwards. */
  pass(jump: Jump): void {
    this.#jumps.push(jump);
  }

  /** Runs a part and returns its end, joined with the jumps that end here; the others go on outwards. */
  catching(part: () => void, isMine: (jump: Jump) => boolean): State {
    let end: State;
    for (const jump of this.leaving(() => {
      part();
      end = this.state;
    })) {
      if (isMine(jump)) end = join(end, jump.state);
      else this.pass(jump);
    }
    return end;
  }
}

function merged(jumps: readonly Jump[]): readonly Jump[] {
  const byPlace = new Map<string, Jump>();
  for (const jump of jumps) {
    const place = `${jump.to} ${jump.label ?? ""}`;
    byPlace.set(place, { ...jump, state: join(byPlace.get(place)?.state, jump.state) });
  }
  return [...byPlace.values()];
}

/**
 * Turns of async programs. Between two events their promises settle, and their code runs until it waits again.
 */
import { SimulationUseError } from "../errors.ts";
import type { AsyncHost, AsyncProgram, HostedProgram } from "@void-system/effects/world";

/** The event loop, as seen by the turns. */
export interface TurnSurroundings {
  /** Index of the node whose code runs; -1 if there is none. */
  readonly node: number;
  /** Installs the guard. Must be matched by `release`. */
  hold(): void;
  /** Removes the guard, unless it was installed again. */
  release(): void;
  /** Begins a turn of a node: its code runs guarded from here on. */
  open(node: number): void;
  /** Ends the turn. */
  close(): void;
  /** Records an error that left the code of a node. */
  fail(node: number, error: unknown): void;
  /** Records a program of a node that waits for something else than its World. */
  stuck(node: number): void;
}

interface Due {
  readonly node: number;
  readonly work: () => void;
}

/** The platform's own, since the guard refuses it while code of a node runs. */
const soon = queueMicrotask;

/** Calls back after the microtasks that are queued, and all that those queue. */
const afterMicrotasks: (then: () => void) => void = afterwards();

/** The simulation whose turns are taken, if any. Others wait, since all promises of the process share one queue. */
const holders = new Set<Turns>();

/** The turns of one simulation. */
export class Turns implements AsyncHost {
  /** Number of calls that async functions did not wait for. */
  callsLeft = 0;
  readonly #around: TurnSurroundings;
  readonly #programs = new Map<number, Set<AsyncProgram>>();
  #due: Due[] = [];
  /** Node whose turn it is. */
  #open: number | undefined;
  #rest: Promise<void> | undefined;
  /** Number of turns since which the guard stays installed. */
  #held = 0;

  constructor(around: TurnSurroundings) {
    this.#around = around;
  }

  /** True if a turn is due or under way. The next event must wait for it. */
  get isWanted(): boolean {
    return this.#due.length > 0 || this.#open !== undefined;
  }

  /** Takes the turns that are due, and settles after the last one. Undefined if there is none. */
  get rest(): Promise<void> | undefined {
    if (!this.isWanted) return undefined;
    return (this.#rest ??= new Promise((resolve) => soon(() => this.#take(resolve))));
  }

  admit(program: AsyncProgram): HostedProgram {
    const node = this.#open ?? this.#around.node;
    const programs = this.#programs.get(node) ?? new Set();
    this.#programs.set(node, programs.add(program));
    return {
      turn: (work) => {
        // Calls of an earlier life do not return.
        if (this.#programs.get(node) !== programs) return;
        if (this.#open === node) this.#perform(node, work);
        else if (this.#around.node === node) this.#due.push({ node, work });
        // Code of the program runs outside of its turns, since something else than its World continued it.
        else this.#around.stuck(node);
      },
      ended: (left) => {
        this.callsLeft += left;
        programs.delete(program);
      },
    };
  }

  /** Forgets the programs of a node whose life is over. */
  forget(node: number): void {
    this.#programs.delete(node);
    this.#due = this.#due.filter((due) => due.node !== node);
  }

  /**
   * Refuses a run that goes on before its promises have settled. The turns that are due are dropped, since they would
   * guard the platform against the code that catches the error.
   */
  refuse(): never {
    this.#due = [];
    throw new SimulationUseError(
      "a run with async programs to have turns: `await inTurns(simulating(…))`, or replaying, exploring and shrinking, or `simulation` for vitest",
      "a run without turns (simulate, replay, explore, shrink, or a step before `rest` had settled)"
    );
  }

  #take(done: () => void): void {
    const [first] = this.#due;
    if (!first) {
      this.#rest = undefined;
      return done();
    }
    if (holders.size > 0 && !holders.has(this)) return afterMicrotasks(() => soon(() => this.#take(done)));
    const { node } = first;
    this.#hold();
    this.#open = node;
    this.#around.open(node);
    const due = this.#due.filter((one) => one.node === node);
    this.#due = this.#due.filter((one) => one.node !== node);
    for (const { work } of due) this.#perform(node, work);
    afterMicrotasks(() => {
      this.#judge(node);
      this.#open = undefined;
      this.#around.close();
      this.#take(done);
      // The guard is expensive to install. It stays until the next event, if that comes at once.
      soon(() => afterMicrotasks(() => this.#release()));
    });
  }

  #hold(): void {
    holders.add(this);
    this.#held += 1;
    this.#around.hold();
  }

  #release(): void {
    this.#around.release();
    this.#held -= 1;
    if (this.#held === 0) holders.delete(this);
  }

  #perform(node: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#around.fail(node, error);
    }
  }

  /** Finds a program that waits although no call of its node could settle its promise. */
  #judge(node: number): void {
    const programs = [...(this.#programs.get(node) ?? [])];
    if (programs.some(({ calls }) => calls === 0) && programs.every(({ waits }) => waits === 0)) this.#around.stuck(node);
  }
}

/**
 * On Node.js the queue of `process.nextTick` has its turn when no microtask is left, and before timers and I/O. So no
 * promise of the platform settles in between. Elsewhere a message does the same, and gives I/O a turn as well.
 */
function afterwards(): (then: () => void) => void {
  const tick: unknown = typeof process === "object" ? process.nextTick : undefined;
  if (typeof tick === "function") return (then) => void Reflect.apply(tick, process, [then]);
  const Channel = MessageChannel;
  return (then) => {
    const { port1, port2 } = new Channel();
    const arrived = (): void => {
      port1.close();
      then();
    };
    // The types of Node.js lack it.
    Reflect.set(port1, "onmessage", arrived);
    port2.postMessage(undefined);
  };
}

/**
 * Signals to a command: Ctrl-C, SIGHUP, and the end of standard input.
 */
import { type Eff, type Effect, effect, suspend } from "@void-system/effects/fibers";

const ENDS = ["SIGINT", "SIGTERM"] as const;

/** As long as a timer can be. */
const FOREVER_MS = 2 ** 31 - 1;

/** Operations on signals. */
export interface SignalsOperations {
  /** Waits for Ctrl-C, which then is no cancellation: for a command that runs until it is interrupted. */
  interrupted(): void;
  /** Waits for SIGHUP. In a program that has waited for one, none is an end. */
  hungUp(): void;
  /** Waits until standard input ends: the process at its other end is gone. */
  stdinEnded(): void;
}

/** Signals, as an effect. */
export const Signals: Effect<"void.signals", SignalsOperations> = /* @__PURE__ */ effect<SignalsOperations>()("void.signals");

/**
 * The signals of this process. The first one counts: a program that waits for it goes on, any other is cancelled. Those
 * that follow change nothing: the terminal and npm may both send one, and the second must not cut short what the first
 * began.
 */
export class ProcessSignals {
  readonly #cancel = new AbortController();
  readonly #waiting = new Set<() => void>();
  #isOver = false;
  /** Calls of those that wait for SIGHUP; undefined in a program that never did. */
  #hangUps: Set<() => void> | undefined;
  /** A SIGHUP that nobody waited for at the time. */
  #isHungUp = false;

  constructor() {
    for (const signal of ENDS) process.on(signal, () => this.#end());
    process.on("SIGHUP", () => this.#hangUp());
  }

  /** Aborted by a signal that no program waited for. */
  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  interrupted(): Eff<never, void> {
    return suspend<void>((resume) => {
      if (this.#isOver) return resume();
      // A signal alone keeps no process from its end; whoever waits for one is not done.
      const held = setInterval(() => undefined, FOREVER_MS);
      const told = (): void => {
        clearInterval(held);
        this.#waiting.delete(told);
        resume();
      };
      this.#waiting.add(told);
      return () => {
        clearInterval(held);
        this.#waiting.delete(told);
      };
    });
  }

  hungUp(): Eff<never, void> {
    return suspend<void>((resume) => {
      const waiting = (this.#hangUps ??= new Set());
      if (this.#isHungUp) {
        this.#isHungUp = false;
        return resume();
      }
      waiting.add(resume);
      return () => void waiting.delete(resume);
    });
  }

  stdinEnded(): Eff<never, void> {
    return suspend<void>((resume) => {
      const { stdin } = process;
      const silence = (): unknown => stdin.off("end", ended).off("close", ended).destroy();
      const ended = (): void => {
        silence();
        resume();
      };
      stdin.on("end", ended).on("close", ended).resume();
      // Else it would keep the process from its end.
      return () => void silence();
    });
  }

  #hangUp(): void {
    if (!this.#hangUps) return this.#end();
    this.#isHungUp = this.#hangUps.size === 0;
    const waiting = [...this.#hangUps];
    this.#hangUps.clear();
    for (const resume of waiting) resume();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#waiting.size === 0) this.#cancel.abort();
    for (const resume of this.#waiting) resume();
  }
}

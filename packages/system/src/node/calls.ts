/**
 * The commands that a process gives to the node inside it: each gets a result, also when the node stops first.
 */
import { type Eff, suspend } from "@void-system/effects/fibers";
import type { Session } from "./gateway.ts";
import type { Command, Result } from "../store/command.ts";

const STOPPED: Result = { type: "error", message: "UNKNOWN the outcome of this command is unknown: this node has stopped" };

/** The calls that are under way. */
export class Calls {
  readonly #waiting = new Set<(result: Result) => void>();
  #idle: (() => void) | undefined;

  /** Gives a command to the node; waits for its result, or for an error result when the node ends before. */
  execute(session: Session, command: Command): Eff<never, Result> {
    return suspend<Result>((resume) => {
      this.#waiting.add(resume);
      session.submit(command, (result) => {
        if (!this.#waiting.delete(resume)) return;
        resume(result);
        if (this.#waiting.size === 0) this.#idle?.();
      });
    });
  }

  /** Waits until no call is under way. */
  finish(): Eff<never, void> {
    return suspend<void>((resume) => {
      if (this.#waiting.size === 0) return resume();
      this.#idle = resume;
      return () => {
        this.#idle = undefined;
      };
    });
  }

  /** Ends every call that still waits with an error. */
  end(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume(STOPPED);
  }
}

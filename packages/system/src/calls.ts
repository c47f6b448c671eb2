/**
 * The commands that a process gives to the node inside it: each gets a result, also when the node stops first.
 */
import type { Session } from "./gateway.ts";
import type { Command, Result } from "./key-value/command.ts";

const STOPPED: Result = { type: "error", message: "UNKNOWN the outcome of this command is unknown: this node has stopped" };

/** The calls that are under way. */
export class Calls {
  readonly #waiting = new Set<(result: Result) => void>();
  #idle: (() => void) | undefined;

  /** Gives a command to the node. Resolves with its result, or with an error result when the node ends before. */
  execute(session: Session, command: Command): Promise<Result> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      session.submit(command, (result) => {
        this.#waiting.delete(resolve);
        resolve(result);
        if (this.#waiting.size === 0) this.#idle?.();
      });
    });
  }

  /** Lets the calls that are under way end, for a while. */
  finish(deadlineMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) return resolve();
      const timer = setTimeout(resolve, deadlineMs);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The end: whoever still waits will not get a result. */
  end(): void {
    for (const resolve of this.#waiting) resolve(STOPPED);
    this.#waiting.clear();
  }
}

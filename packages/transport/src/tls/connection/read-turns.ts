/**
 * Time that one connection may read, and have its frames handled, before the others get their turn, in milliseconds. libuv alone would
 * read up to 32 times 64 KiB of it: several milliseconds of short frames, for which all others would wait.
 */
const READ_MS_PER_TURN = 0.5;

/** Turn of the event loop in which a connection read last, and the time at which it began. */
export interface ReadTurn {
  number: number;
  sinceMs: number;
}

/** Numbers the turns of the event loop in which connections read, and limits the time of each connection in a turn. */
export class ReadTurns {
  #number = 0;
  #due = false;

  /** Called before each chunk. Notes in `turn` when the connection began to read in this turn. */
  begin(turn: ReadTurn): void {
    if (!this.#due) {
      this.#due = true;
      setImmediate(() => {
        this.#due = false;
        this.#number += 1;
      });
    }
    if (turn.number === this.#number) return;
    turn.number = this.#number;
    turn.sinceMs = performance.now();
  }

  /** Called after each chunk. Returns true if the connection has read for long enough. */
  isOver(turn: ReadTurn): boolean {
    return performance.now() - turn.sinceMs >= READ_MS_PER_TURN;
  }
}

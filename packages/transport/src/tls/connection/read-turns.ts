/**
 * How many milliseconds one connection may read, and have its frames handled, before the others get their turn. libuv alone would read
 * up to 32 times 64 KiB of it: several milliseconds of short frames, which everybody else waits.
 */
const READ_MS_PER_TURN = 0.5;

/** What one connection has had of the event loop's turn. */
export interface ReadTurn {
  number: number;
  sinceMs: number;
}

/** Numbers the turns of the event loop in which connections read, and says when one has read enough for this turn. */
export class ReadTurns {
  #number = 0;
  #due = false;

  /** To be called before each chunk: notes in `turn` when the connection began to read in this turn. */
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

  /** To be called after each chunk. */
  isOver(turn: ReadTurn): boolean {
    return performance.now() - turn.sinceMs >= READ_MS_PER_TURN;
  }
}

/**
 * The surroundings of async programs. In the real world promises settle by themselves. A simulator lets them settle
 * between two of its events.
 */

/** A running async program, as seen by its {@link AsyncHost}. */
export interface AsyncProgram {
  /** Number of calls of its World that have not returned. */
  readonly calls: number;
  /** Those among them that wait for the World itself, and not for another async program. */
  readonly waits: number;
}

/** An async program in the care of its host. */
export interface HostedProgram {
  /** Performs work after which code of the program runs: its begin, and the end of each call. */
  turn(work: () => void): void;
  /** Must be called when the program has ended or was cancelled. `left` is the number of calls that it ended without. */
  ended(left: number): void;
}

/** Decides when code of async programs runs. Simulators implement it. */
export interface AsyncHost {
  /** Is called when a program begins. */
  admit(program: AsyncProgram): HostedProgram;
}

const REAL: AsyncHost = { admit: () => ({ turn: (work) => work(), ended: () => undefined }) };

let host: AsyncHost = REAL;

/** Returns the host of programs that begin now. */
export function asyncHost(): AsyncHost {
  return host;
}

/** Makes `next` the host of programs that begin from now on; undefined for the real world. Returns the host before. */
export function enterAsyncHost(next: AsyncHost | undefined): AsyncHost {
  const before = host;
  host = next ?? REAL;
  return before;
}

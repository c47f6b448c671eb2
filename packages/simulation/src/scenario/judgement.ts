/**
 * Verdicts of the test: its checks and other functions, run with the platform guarded, and what they found.
 */
import { SimulationLeakError, type SimulationPoint, SimulationUseError, TestCodeError, UnknownNodeError, ViolationError } from "../errors.ts";
import type { Simulation } from "../world/simulation.ts";
import { atOnce } from "./at-once.ts";
import type { Check, Cluster } from "./cluster.ts";
import { show } from "./shape.ts";

/** Runs functions of the test, and keeps the first violation and the first mistake. */
export class Judgement<A> {
  /** Number of conditions that were checked. */
  checks = 0;
  /** First violation. */
  violation: ViolationError | undefined;
  /** First mistake in the test. */
  mistake: Error | undefined;
  readonly #simulation: Simulation;
  readonly #cluster: Cluster<A>;
  readonly #point: () => SimulationPoint;

  constructor(simulation: Simulation, cluster: Cluster<A>, point: () => SimulationPoint) {
    this.#simulation = simulation;
    this.#cluster = cluster;
    this.#point = point;
  }

  /** Throws the mistake or the violation that was found, even if a program swallowed its error. */
  throwFound(): void {
    if (this.mistake) throw this.mistake;
    if (this.violation) throw this.violation;
  }

  runAll(checks: readonly (readonly [string, Check<A>])[]): void {
    this.#simulation.audited(() => {
      for (const [name, check] of checks) this.#run(name, check);
    });
  }

  /** Runs another function of the test, with the platform's functions guarded. */
  judged<T>(who: string, work: () => T): T {
    return this.#simulation.audited(() => {
      try {
        return atOnce(work(), who);
      } catch (error) {
        throw this.#ofTest(who, error);
      }
    });
  }

  /** Checks a condition that a program states. */
  check(name: string, holds: unknown, detail?: string): void {
    this.checks += 1;
    const held = atOnce<unknown>(holds, `what is checked as ${JSON.stringify(name)}`);
    if (typeof held !== "boolean")
      throw this.mistaken(new SimulationUseError(`check(${JSON.stringify(name)}, …) to get true or false`, show(held)));
    if (!held) throw this.violated(name, detail);
  }

  isTrue(who: string, holds: (cluster: Cluster<A>) => boolean): boolean {
    this.checks += 1;
    const held: unknown = this.judged(who, () => holds(this.#cluster));
    if (typeof held === "boolean") return held;
    throw new SimulationUseError(`${who} to return true or false`, show(held));
  }

  /** Keeps a mistake in the test, and returns it. */
  mistaken<E extends Error>(error: E): E {
    this.mistake ??= error;
    return error;
  }

  /** Keeps a violation unless there is one, and returns the first. */
  violated(name: string, detail: string | undefined, cause?: unknown): ViolationError {
    return (this.violation ??= new ViolationError(name, detail, this.#point(), cause === undefined ? {} : { cause }));
  }

  #run(name: string, check: Check<A>): void {
    const who = `the check ${JSON.stringify(name)}`;
    let returned: unknown;
    this.checks += 1;
    try {
      returned = atOnce<unknown>(check(this.#cluster), who);
    } catch (error) {
      const thrown = this.#ofTest(who, error);
      if (isMistake(thrown) || thrown instanceof ViolationError) throw thrown;
      throw this.violated(name, error instanceof Error ? error.message : String(error), error);
    }
    // A check that returns false would pass.
    if (returned !== undefined && !isAssertion(returned))
      throw new SimulationUseError(`${who} to return nothing, and to throw when it does not hold`, show(returned));
  }

  /** Makes a mistake in the test of an error that no judgement throws. */
  #ofTest(who: string, error: unknown): unknown {
    const isTypo = error instanceof TypeError || error instanceof ReferenceError;
    return isTypo ? new TestCodeError(who, error, this.#point()) : error;
  }
}

/** Returns true for an error that blames the test, and not the nodes. */
export function isMistake(error: unknown): error is Error {
  if (error instanceof SimulationLeakError) return error.by === "test";
  return error instanceof SimulationUseError || error instanceof UnknownNodeError || error instanceof TestCodeError;
}

/** Returns true for the value that a matcher of chai or vitest returns after it has held. Its type is void. */
function isAssertion(returned: unknown): boolean {
  return typeof returned === "object" && returned !== null && "__flags" in returned;
}

/**
 * Starts components in boot order and stops them in reverse, whatever happens in between.
 */
import { type Component, type Health, PHASES } from "./component.ts";
import { BootError, BootOrderError } from "./errors.ts";

/**
 * The life of a set of components. `start` and `stop` may be called once each.
 *
 * @example
 * ```ts
 * import { Lifecycle, component } from "@void-system/system";
 * const started: string[] = [];
 * const part = (name: string, needs: string[]) =>
 *   component({ name, phase: "distributed", needs, start: async () => void started.push(name) });
 * const lifecycle = new Lifecycle([part("pbft", ["transport"]), part("transport", [])]);
 * await lifecycle.start();
 * started; // => ["transport", "pbft"]
 * await lifecycle.stop(1_000);
 * ```
 */
export class Lifecycle {
  readonly #order: readonly Component[];
  #started: Component[] = [];

  /** @throws {@link BootOrderError} for a missing or later need, a cycle, or a name used twice. */
  constructor(components: readonly Component[]) {
    this.#order = bootOrder(components);
  }

  /** Names in boot order. */
  get order(): readonly string[] {
    return this.#order.map(({ name }) => name);
  }

  /**
   * Starts every component, then waits until all are ready.
   *
   * @throws {@link BootError} naming the component that failed, after all before it were stopped again.
   */
  async start(signal: AbortSignal = new AbortController().signal, onStarted?: (name: string) => void): Promise<void> {
    let current = "";
    try {
      for (const part of this.#order) {
        current = part.name;
        signal.throwIfAborted();
        await part.start(signal);
        this.#started.push(part);
        onStarted?.(part.name);
      }
      for (const part of this.#order) {
        current = part.name;
        await unlessAborted(part.ready(signal), signal);
      }
    } catch (cause) {
      // What failed first is what people have to know of.
      await this.stop(0).catch(() => undefined);
      throw new BootError(current, cause);
    }
  }

  /** What each started component says of itself. */
  health(): Readonly<Record<string, Health>> {
    return Object.fromEntries(this.#started.map((part) => [part.name, part.health()]));
  }

  /**
   * Drains, then stops, in reverse boot order. One component that fails to stop does not keep the others from it.
   *
   * @throws AggregateError with what went wrong, after all were stopped.
   */
  async stop(deadlineMs: number): Promise<void> {
    const parts = this.#started.toReversed();
    this.#started = [];
    const failures: unknown[] = [];
    for (const part of parts) {
      if (deadlineMs > 0) await part.drain(deadlineMs).catch((cause: unknown) => failures.push(cause));
      await part.stop().catch((cause: unknown) => failures.push(cause));
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} components did not stop cleanly`);
  }
}

/** Waits for `work`, but no longer than until `signal` aborts. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** By phase, then by needs, then as given. */
function bootOrder(components: readonly Component[]): readonly Component[] {
  const byName = new Map(components.map((part) => [part.name, part]));
  if (byName.size !== components.length) throw new BootOrderError("expected every component to have a name of its own");
  const order: Component[] = [];
  const visiting = new Set<string>();
  const visit = (part: Component): void => {
    if (order.includes(part)) return;
    if (visiting.has(part.name)) throw new BootOrderError(`components need each other in a circle: ${[...visiting, part.name].join(" → ")}`);
    visiting.add(part.name);
    for (const need of part.needs) {
      const needed = byName.get(need);
      if (!needed) throw new BootOrderError(`${part.name} needs ${need}, which is not there`);
      if (PHASES.indexOf(needed.phase) > PHASES.indexOf(part.phase)) {
        throw new BootOrderError(`${part.name} (${part.phase}) needs ${need}, which starts later (${needed.phase})`);
      }
      visit(needed);
    }
    visiting.delete(part.name);
    order.push(part);
  };
  for (const phase of PHASES) for (const part of components) if (part.phase === phase) visit(part);
  return order;
}

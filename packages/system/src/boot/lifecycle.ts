/**
 * The boot of a node, as a program: components start in their order, in one fiber, and end with it, in reverse.
 */
import { type Eff, type Need, onExit, race, suspend } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { type Component, type Health, PHASES, type Started } from "./component.ts";
import { BootError, BootOrderError } from "../errors.ts";

/** Time in which the components of a stopping node may finish their work, in milliseconds. */
export const DRAIN_DEADLINE_MS = 5_000;

const WELL: Health = { ok: true, detail: {} };

/**
 * The life of a set of components.
 *
 * @typeParam R - The effects that they need.
 * @example
 * ```ts
 * import { platformClock } from "@void-system/effects";
 * import { acquire, run } from "@void-system/effects/fibers";
 * import { Clock } from "@void-system/effects/world";
 * import { type Component, Lifecycle } from "@void-system/system";
 *
 * const seen: string[] = [];
 * const part = (name: string, needs: string[]): Component => ({
 *   name,
 *   phase: "distributed",
 *   needs,
 *   *start() {
 *     yield* acquire(function* () { seen.push(`open ${name}`); }, () => void seen.push(`close ${name}`));
 *   },
 * });
 * const lifecycle = new Lifecycle([part("pbft", ["transport"]), part("transport", [])]);
 * await run(() => Clock.handle(platformClock(), function* () {
 *   yield* lifecycle.start();
 *   seen.push("work");
 * }));
 * seen; // => ["open transport", "open pbft", "work", "close pbft", "close transport"]
 * ```
 */
export class Lifecycle<R = never> {
  /** Time in which each component may drain when the fiber ends, in milliseconds. */
  drainMs: number = DRAIN_DEADLINE_MS;
  readonly #order: readonly Component<R>[];
  readonly #started = new Map<string, Started<R>>();
  #at = "";
  #isReady = false;

  /** @throws {@link BootOrderError} for a missing or later need, a cycle, or a name used twice. */
  constructor(components: readonly Component<R>[]) {
    this.#order = bootOrder(components);
    this.#at = this.order[0] ?? "";
  }

  /** Names in boot order. */
  get order(): readonly string[] {
    return this.#order.map(({ name }) => name);
  }

  /** Component that the boot is at, or was at last. */
  get at(): string {
    return this.#at;
  }

  /**
   * Starts every component, then waits until all are ready. They live as long as the fiber that performs this: when it
   * ends, each is drained, unless the boot did not come to its end, and then released.
   *
   * @throws {@link BootError} naming the component that failed.
   */
  *start(): Generator<R | Need<"void.clock">, void> {
    this.#isReady = false;
    for (const part of this.#order) {
      this.#at = part.name;
      // Where a boot that was cancelled by one of its own components ends.
      yield* suspend<void>((resume) => resume());
      const started = (yield* named(part.name, () => part.start?.() ?? [])) ?? {};
      this.#started.set(part.name, started);
      yield* onExit(() => this.#drain(part.name, started));
    }
    for (const [name, started] of this.#started) {
      this.#at = name;
      yield* named(name, () => started.ready?.() ?? []);
    }
    this.#isReady = true;
  }

  /** Report of each started component. */
  health(): Readonly<Record<string, Health>> {
    return Object.fromEntries([...this.#started].map(([name, started]) => [name, started.health?.() ?? WELL]));
  }

  *#drain(name: string, started: Started<R>): Generator<R | Need<"void.clock">, void> {
    const { drainMs } = this;
    this.#started.delete(name);
    if (this.#isReady && drainMs > 0) yield* race([() => started.drain?.(drainMs) ?? [], () => Clock.sleep(drainMs)]);
  }
}

/** Runs a program of a component. An error that it throws names the component. */
function* named<R, A>(component: string, body: () => Eff<R, A>): Generator<R, A> {
  try {
    return yield* body();
  } catch (cause) {
    throw new BootError(component, cause);
  }
}

/** Sorts by phase, then by needs, then by the given order. */
function bootOrder<R>(components: readonly Component<R>[]): readonly Component<R>[] {
  const byName = new Map(components.map((part) => [part.name, part]));
  if (byName.size !== components.length) throw new BootOrderError("expected every component to have a name of its own");
  const order: Component<R>[] = [];
  const visiting = new Set<string>();
  const visit = (part: Component<R>): void => {
    if (order.includes(part)) return;
    if (visiting.has(part.name)) throw new BootOrderError(`components need each other in a circle: ${[...visiting, part.name].join(" → ")}`);
    visiting.add(part.name);
    for (const need of part.needs ?? []) {
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

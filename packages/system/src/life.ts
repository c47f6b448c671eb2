/**
 * Where a boot meets promises: components that live in a fiber of their own, from `start` to `stop`.
 */
import { platformClock } from "@void-system/effects";
import { FiberCancelledError, FinalizersFailedError, run, suspend } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import type { Component, Health } from "./component.ts";
import type { NodeNeeds } from "./components.ts";
import { BootError } from "./errors.ts";
import { Host, thisHost } from "./host.ts";
import { Lifecycle } from "./lifecycle.ts";

/** The life of a node's components on this machine. */
export class Life {
  readonly #lifecycle: Lifecycle<NodeNeeds>;
  #stop = new AbortController();
  /** Resolves, when a life that had begun is over, with what went wrong at its end. */
  #ended: Promise<unknown> = Promise.resolve();

  /** @throws BootOrderError */
  constructor(components: readonly Component<NodeNeeds>[]) {
    this.#lifecycle = new Lifecycle(components);
  }

  /** What each component that is started says of itself. */
  health(): Readonly<Record<string, Health>> {
    return this.#lifecycle.health();
  }

  /**
   * Resolves when all are ready; `signal` cancels that, and nothing later.
   *
   * @throws {@link BootError} when everything that had started was released again.
   */
  start(signal: AbortSignal): Promise<void> {
    const lifecycle = this.#lifecycle;
    const stop = new AbortController();
    const cancel = (): void => stop.abort();
    this.#stop = stop;
    return new Promise((resolve, reject) => {
      let isReady = false;
      const live = function* (): Generator<NodeNeeds, never> {
        yield* lifecycle.start();
        isReady = true;
        signal.removeEventListener("abort", cancel);
        resolve();
        return yield* suspend<never>(() => undefined);
      };
      signal.addEventListener("abort", cancel);
      if (signal.aborted) cancel();
      this.#ended = run(() => Clock.handle(platformClock(), () => Host.handle(thisHost, live)), { signal: stop.signal }).catch(
        (error: unknown) => {
          signal.removeEventListener("abort", cancel);
          if (isReady) return error instanceof FiberCancelledError ? undefined : error;
          // What failed first is what people have to know of.
          const first = error instanceof FinalizersFailedError ? error.cause : error;
          reject(first instanceof BootError ? first : new BootError(lifecycle.at, signal.aborted ? signal.reason : first));
          return undefined;
        },
      );
    });
  }

  /** Drains each component for at most `deadlineMs`, and releases all. @throws what went wrong at that. */
  async stop(deadlineMs: number): Promise<void> {
    this.#lifecycle.drainMs = deadlineMs;
    this.#stop.abort();
    const failure = await this.#ended;
    if (failure !== undefined) throw failure;
  }
}

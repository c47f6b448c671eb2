/**
 * Where the boot, a program of fibers, meets promises: `start` and `stop` for whoever awaits them.
 */
import { platformClock } from "@void-system/effects";
import { FiberCancelledError, FinalizersFailedError, run, suspend } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import type { Component, Health } from "./component.ts";
import type { NodeNeeds } from "./components.ts";
import { BootError } from "../errors.ts";
import { Host, thisHost } from "./host.ts";
import { Lifecycle } from "./lifecycle.ts";

/** A node's components on this machine, in a fiber that lives from `start` to `stop`. */
export class RunningComponents {
  readonly #lifecycle: Lifecycle<NodeNeeds>;
  #stop = new AbortController();
  /** What began last, until it is over. */
  #begun: Promise<void> | undefined;
  /** Resolves, when what had begun is over, with what went wrong at its end. */
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
   * Resolves when all are ready; `signal` cancels that, and nothing later. While they live there is no second start:
   * it gives what the first one gives.
   *
   * @throws {@link BootError} when everything that had started was released again.
   */
  start(signal: AbortSignal): Promise<void> {
    this.#begun ??= this.#begin(signal);
    return this.#begun;
  }

  #begin(signal: AbortSignal): Promise<void> {
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
          this.#begun = undefined;
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

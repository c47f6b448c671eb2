/**
 * Promises over the boot, which is a program of fibers: `start` and `stop`.
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
  /** Latest start or stop, until it has ended. */
  #begun: Promise<void> | undefined;
  /** Resolves when the latest start or stop has ended, with its error. */
  #ended: Promise<unknown> = Promise.resolve();

  /** @throws BootOrderError */
  constructor(components: readonly Component<NodeNeeds>[]) {
    this.#lifecycle = new Lifecycle(components);
  }

  /** Report of each started component. */
  health(): Readonly<Record<string, Health>> {
    return this.#lifecycle.health();
  }

  /**
   * Resolves when all are ready. `signal` cancels the start, and nothing later. While the components live, a second call
   * returns the result of the first.
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

  /** Drains each component for at most `deadlineMs`, and releases all. @throws the error of a drain or release. */
  async stop(deadlineMs: number): Promise<void> {
    this.#lifecycle.drainMs = deadlineMs;
    this.#stop.abort();
    const failure = await this.#ended;
    if (failure !== undefined) throw failure;
  }
}

import { ClosedError } from "../errors.ts";
import type { PlumtreeEvent, Subscription } from "./subscription.ts";

interface Wanted {
  readonly resolve: (result: IteratorResult<PlumtreeEvent, undefined>) => void;
  readonly reject: (error: Error) => void;
}

/** A subscription as an async iterator. An event is taken from the queue only when the one before it was asked for. */
export class EventIterator implements AsyncIterableIterator<PlumtreeEvent, undefined, undefined> {
  readonly #subscription: Subscription;
  readonly #wanted: Wanted[] = [];
  readonly #ended: () => void;
  #ready: PlumtreeEvent | undefined;
  #resume: (() => void) | undefined;
  #isEnded = false;
  #failure: Error | undefined;

  /** `ended` is called once, when the program ends the iteration. */
  constructor(subscription: Subscription, ended: () => void) {
    this.#subscription = subscription;
    this.#ended = ended;
    subscription.start((event) => this.#take(event));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Returns the next event, as soon as there is one. */
  next(): Promise<IteratorResult<PlumtreeEvent, undefined>> {
    const value = this.#ready;
    this.#ready = undefined;
    if (!value && this.#isEnded)
      return this.#failure ? Promise.reject(this.#failure) : Promise.resolve({ done: true, value: undefined });
    const resume = this.#resume;
    this.#resume = undefined;
    const result = value
      ? Promise.resolve({ done: false as const, value })
      : new Promise<IteratorResult<PlumtreeEvent, undefined>>((resolve, reject) => void this.#wanted.push({ resolve, reject }));
    resume?.();
    return result;
  }

  /** Ends the subscription. */
  return(): Promise<IteratorResult<PlumtreeEvent, undefined>> {
    this.#subscription.end();
    this.end();
    this.#ended();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Ends the iteration, with an error if the node has failed. */
  end(cause?: Error): void {
    this.#isEnded = true;
    this.#failure = cause && new ClosedError({ cause });
    for (const { resolve, reject } of this.#wanted.splice(0))
      if (this.#failure) reject(this.#failure);
      else resolve({ done: true, value: undefined });
  }

  #take(event: PlumtreeEvent): Promise<void> | void {
    const wanted = this.#wanted.shift();
    if (wanted) wanted.resolve({ done: false, value: event });
    else this.#ready = event;
    if (this.#wanted.length > 0) return;
    return new Promise((resolve) => (this.#resume = resolve));
  }
}

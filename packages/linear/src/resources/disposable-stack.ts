/**
 * Releases what was opened, in reverse, when a scope ends: the part of the platform's `DisposableStack` that programs
 * use, for platforms that have none (Node 20). No global is touched. Where several releases throw, all are kept in one
 * `AggregateError`, since those platforms have no `SuppressedError` either.
 *
 * @example
 * ```ts
 * import { DisposableStack } from "@void-system/linear/disposable-stack";
 * const log: string[] = [];
 * const stack = new DisposableStack();
 * stack.defer(() => log.push("first"));
 * stack.adopt("second", (name) => log.push(name));
 * stack.dispose();
 * log; // => ["second", "first"]
 * ```
 */
export class DisposableStack {
  #releases: (() => void)[] = [];
  #disposed = false;

  /** Whether it has released everything, or handed it on. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /**
   * Keeps something disposable; `null` and `undefined` are let through.
   *
   * @throws ReferenceError when the stack is disposed.
   */
  use<T extends Disposable | null | undefined>(value: T): T {
    if (value !== null && value !== undefined) this.defer(() => value[Symbol.dispose]());
    return value;
  }

  /**
   * Keeps a value with the function that releases it.
   *
   * @throws ReferenceError when the stack is disposed.
   */
  adopt<T>(value: T, release: (value: T) => void): T {
    this.defer(() => release(value));
    return value;
  }

  /**
   * Keeps a function for the end.
   *
   * @throws ReferenceError when the stack is disposed.
   */
  defer(release: () => void): void {
    if (this.#disposed) throw new ReferenceError("expected an open stack, got one that is disposed; make a new one");
    this.#releases.push(release);
  }

  /**
   * Hands everything on to a new stack; this one is over.
   *
   * @throws ReferenceError when the stack is disposed.
   */
  move(): DisposableStack {
    if (this.#disposed) throw new ReferenceError("expected an open stack, got one that is disposed; make a new one");
    const next = new DisposableStack();
    next.#releases = this.#releases;
    this.#releases = [];
    this.#disposed = true;
    return next;
  }

  /**
   * Releases everything, the latest first; a second time nothing.
   *
   * @throws what a release threw; `AggregateError` when several did.
   */
  dispose(): void {
    this.#disposed = true;
    const errors: unknown[] = [];
    for (let release = this.#releases.pop(); release !== undefined; release = this.#releases.pop()) {
      try {
        release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 1) throw new AggregateError(errors, `expected every release to succeed, got ${errors.length} throws`);
    if (errors.length === 1) throw errors[0];
  }

  /** What `using` calls. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

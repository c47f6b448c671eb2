/**
 * Releases resources in reverse order when a scope ends: the commonly used part of the platform's `DisposableStack`,
 * for platforms without one (Node 20). It does not touch globals. If several releases throw, their errors are collected
 * in one `AggregateError`, because those platforms have no `SuppressedError` either.
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

  /** True once the stack has released everything, or moved it to another stack. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /**
   * Registers a disposable. `null` and `undefined` are ignored.
   *
   * @throws ReferenceError if the stack is disposed.
   */
  use<T extends Disposable | null | undefined>(value: T): T {
    if (value !== null && value !== undefined) this.defer(() => value[Symbol.dispose]());
    return value;
  }

  /**
   * Registers a value with the function that releases it.
   *
   * @throws ReferenceError if the stack is disposed.
   */
  adopt<T>(value: T, release: (value: T) => void): T {
    this.defer(() => release(value));
    return value;
  }

  /**
   * Registers a function to be called at the end.
   *
   * @throws ReferenceError if the stack is disposed.
   */
  defer(release: () => void): void {
    if (this.#disposed) throw new ReferenceError("expected an open stack, got one that is disposed; make a new one");
    this.#releases.push(release);
  }

  /**
   * Moves everything to a new stack. This one is then disposed.
   *
   * @throws ReferenceError if the stack is disposed.
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
   * Releases everything, the latest first. A second call does nothing.
   *
   * @throws the error of a release, or an `AggregateError` of several.
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

  /** Calls {@link DisposableStack.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

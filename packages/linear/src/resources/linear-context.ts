import { LinearLeakError } from "../errors.ts";
import type { Leak } from "../errors.ts";
import { abandonAll } from "./internal/ledger.ts";
import type { Abandoned, Ledger } from "./internal/ledger.ts";
import { FUNCTION, TEXT, checkOptions } from "./internal/options.ts";
import type { Kind } from "./internal/options.ts";
import { isThenable } from "./internal/thenable.ts";

/** Name of a context, and its listeners. */
export interface LinearContextOptions {
  /** Name in owner chains and reports. @defaultValue "context" */
  readonly name?: string;
  /** Called at close with the resources that were not consumed, instead of throwing a {@link LinearLeakError}. */
  readonly onLeak?: (leaks: readonly Leak[], context: string) => void;
  /**
   * Called with the error of each release hook that throws, or whose promise is rejected, and the name of its resource.
   *
   * @defaultValue writes the error to `console.error`
   */
  readonly onReleaseError?: (error: unknown, resource: string) => void;
}

/** Options of a context, by name. */
const OPTIONS: ReadonlyMap<string, Kind> = new Map([["name", TEXT], ["onLeak", FUNCTION], ["onReleaseError", FUNCTION]]);

/** Returns true for a context. Set by the class below, which knows its own by their private fields. */
export let isContext: (value: unknown) => boolean;

/** Returns the ledger of a context, for its resources. Set by the class below, which keeps it in a private field. */
export let ledgerOf: (context: LinearContext) => Ledger;

/**
 * A scope that owns resources and, when it closes, reports every linear resource that was not consumed. The resources
 * that it still owns end with it, and later uses of their handles are refused.
 *
 * Close it with `using` or `await using` if your compiler supports them, with {@link LinearContext.run}, or by hand.
 *
 * @example
 * ```ts
 * import { LinearContext, LinearResource } from "@void-system/linear";
 * const answer = LinearContext.run(
 *   (context) => {
 *     const conn = new LinearResource({ query: () => 42 }, { name: "db_conn", context });
 *     const result = conn.use((connection) => connection.query());
 *     conn.consume();
 *     return result;
 *   },
 *   { name: "request" },
 * );
 * answer; // => 42
 * ```
 */
export class LinearContext {
  /** The name given at creation. */
  readonly name: string;
  readonly #onLeak: LinearContextOptions["onLeak"];
  readonly #ledger: Ledger;

  static {
    isContext = (value) => typeof value === "object" && value !== null && #ledger in value;
    ledgerOf = (context) => context.#ledger;
  }

  /** @throws {@link LinearOptionError} for an unknown option, or one of the wrong kind. */
  constructor(options?: LinearContextOptions) {
    checkOptions("LinearContext", options, OPTIONS);
    this.name = options?.name ?? "context";
    this.#onLeak = options?.onLeak;
    this.#ledger = { isClosed: false, newest: undefined, onReleaseError: options?.onReleaseError };
  }

  /** True once the scope has ended. */
  get isClosed(): boolean {
    return this.#ledger.isClosed;
  }

  /**
   * Ends the scope and every resource that it still owns, then runs their release hooks one after the other, the latest
   * resource first. Closing again does nothing.
   *
   * @param options - `cause`: the error that ended the scope, kept as the cause of a leak error.
   * @returns a promise if release hooks are still in progress. It settles when they have ended, and reports the leaks
   * then. Without such hooks all is done at the return.
   * @throws {@link LinearLeakError} if linear resources were not consumed and there is no `onLeak`. The promise is
   * rejected with it.
   */
  close(options?: ErrorOptions): Promise<void> | undefined {
    const { leaks, released } = this.#end();
    if (released !== undefined) return released.then(() => this.#report(leaks, options));
    this.#report(leaks, options);
    return undefined;
  }

  /** Closes the context as {@link LinearContext.close} does, for `using`, without waiting for release hooks that return promises. */
  [Symbol.dispose](): void {
    this.#report(this.#end().leaks);
  }

  /** Calls {@link LinearContext.close} and waits for it, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #end(): Abandoned {
    if (this.#ledger.isClosed) return { leaks: [], released: undefined };
    this.#ledger.isClosed = true;
    return abandonAll(this.#ledger);
  }

  #report(leaks: readonly Leak[], options?: ErrorOptions): void {
    if (leaks.length === 0) return;
    if (this.#onLeak === undefined) throw new LinearLeakError(this.name, leaks, options);
    this.#onLeak(leaks, this.name);
  }

  /** Closes the context when a promise has settled. */
  async #after(result: PromiseLike<unknown>): Promise<unknown> {
    let value: unknown;
    try {
      value = await result;
    } catch (cause) {
      await this.close({ cause });
      throw cause;
    }
    await this.close();
    return value;
  }

  /**
   * Runs `body` in a new context, and closes the context when `body` has returned or thrown, or its promise has
   * settled. Release hooks that return promises are waited for if `body` returns a promise.
   *
   * @returns the result of `body`.
   * @throws {@link LinearLeakError} as `close` does (with an error of the body as its cause), or the error of the body.
   */
  static run<R>(body: (context: LinearContext) => PromiseLike<R>, options?: LinearContextOptions): Promise<R>;
  static run<R>(body: (context: LinearContext) => R, options?: LinearContextOptions): R;
  static run(body: (context: LinearContext) => unknown, options?: LinearContextOptions): unknown {
    const context = new LinearContext(options);
    let result: unknown;
    try {
      result = body(context);
    } catch (cause) {
      context.#report(context.#end().leaks, { cause });
      throw cause;
    }
    if (!isThenable(result)) {
      context[Symbol.dispose]();
      return result;
    }
    return context.#after(result);
  }
}

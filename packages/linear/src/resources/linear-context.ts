import { LinearLeakError } from "../errors.ts";
import type { Leak } from "../errors.ts";
import { abandonAll } from "./internal/ledger.ts";
import type { Ledger } from "./internal/ledger.ts";
import { isThenable } from "./internal/thenable.ts";

/** Name of a context, and its listener for leaks. */
export interface LinearContextOptions {
  /** Name in owner chains and reports. @defaultValue "context" */
  readonly name?: string;
  /** Called at close with the resources that were not consumed, instead of throwing a {@link LinearLeakError}. */
  readonly onLeak?: (leaks: readonly Leak[], context: string) => void;
}

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
  readonly #ledger: Ledger = { isClosed: false, newest: undefined };

  static {
    ledgerOf = (context) => context.#ledger;
  }

  constructor(options?: LinearContextOptions) {
    this.name = options?.name ?? "context";
    this.#onLeak = options?.onLeak;
  }

  /** True once the scope has ended. */
  get isClosed(): boolean {
    return this.#ledger.isClosed;
  }

  /**
   * Ends the scope and every resource that it still owns. Closing again does nothing.
   *
   * @param options - `cause`: the error that ended the scope, kept as the cause of a leak error.
   * @throws {@link LinearLeakError} if linear resources were not consumed and there is no `onLeak`.
   */
  close(options?: ErrorOptions): void {
    if (this.#ledger.isClosed) return;
    this.#ledger.isClosed = true;
    const leaks = abandonAll(this.#ledger);
    if (leaks.length === 0) return;
    if (this.#onLeak === undefined) throw new LinearLeakError(this.name, leaks, options);
    this.#onLeak(leaks, this.name);
  }

  /** Calls {@link LinearContext.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Calls {@link LinearContext.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * Runs `body` in a new context, and closes the context when `body` has returned or thrown, or its promise has
   * settled.
   *
   * @returns the result of `body`.
   * @throws {@link LinearLeakError} as `close` does (with an error of the body as its cause), or the error of the body.
   */
  static run<R>(body: (context: LinearContext) => PromiseLike<R>, options?: LinearContextOptions): Promise<R>;
  static run<R>(body: (context: LinearContext) => R, options?: LinearContextOptions): R;
  static run(body: (context: LinearContext) => unknown, options?: LinearContextOptions): unknown {
    const context = new LinearContext(options);
    const fail = (cause: unknown): never => {
      context.close({ cause });
      throw cause;
    };
    let result: unknown;
    try {
      result = body(context);
    } catch (error) {
      return fail(error);
    }
    if (isThenable(result)) {
      return Promise.resolve(result).then((value) => {
        context.close();
        return value;
      }, fail);
    }
    context.close();
    return result;
  }
}

import { LinearLeakError } from "../errors.ts";
import type { Leak } from "../errors.ts";
import { abandonAll } from "./internal/ledger.ts";
import type { Ledger } from "./internal/ledger.ts";
import { isThenable } from "./internal/thenable.ts";

/** How a context is called, and who is told of leaks. */
export interface LinearContextOptions {
  /** Its name in owner chains and reports. @defaultValue "context" */
  readonly name?: string;
  /** Told what was not consumed, instead of a {@link LinearLeakError} being thrown at close. */
  readonly onLeak?: (leaks: readonly Leak[], context: string) => void;
}

/** Returns the books of a context, for its resources. Set by the class below, which keeps them in a private field. */
export let ledgerOf: (context: LinearContext) => Ledger;

/**
 * A scope that owns resources and, when it closes, reports every linear one that was not consumed. What it still owns
 * ends with it: using such a handle later is refused.
 *
 * Close it with `using` or `await using` where your compiler has them, with {@link LinearContext.run}, or by hand.
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

  /** Whether the scope is over. */
  get isClosed(): boolean {
    return this.#ledger.isClosed;
  }

  /**
   * Ends the scope and everything that it still owns. Closing again does nothing.
   *
   * @param options - `cause`: the error that ended the scope, kept as the cause of a leak error.
   * @throws {@link LinearLeakError} when linear resources were not consumed and no `onLeak` is there to be told.
   */
  close(options?: ErrorOptions): void {
    if (this.#ledger.isClosed) return;
    this.#ledger.isClosed = true;
    const leaks = abandonAll(this.#ledger);
    if (leaks.length === 0) return;
    if (this.#onLeak === undefined) throw new LinearLeakError(this.name, leaks, options);
    this.#onLeak(leaks, this.name);
  }

  /** What `using` calls: {@link LinearContext.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** What `await using` calls: {@link LinearContext.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /**
   * Runs `body` in a context of its own and closes it when `body` has returned, or its promise settled, or it threw.
   *
   * @returns what `body` returns.
   * @throws {@link LinearLeakError} as `close` does (an error of the body is its cause), or what the body throws.
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

import type { Leak, LinearTypeError, LinearViolation } from "../errors.ts";
import { revealAbandoning } from "./internal/ledger.ts";
import type { Abandoned } from "./internal/ledger.ts";
import { releaseAll, reportRelease } from "./internal/release.ts";
import type { Release } from "./internal/release.ts";
import { isContext, ledgerOf } from "./linear-context.ts";
import type { LinearContext } from "./linear-context.ts";
import { misuseError } from "./internal/misuse.ts";
import { notify } from "./internal/notify.ts";
import { FUNCTION, TEXT, checkOptions } from "./internal/options.ts";
import type { Kind } from "./internal/options.ts";
import { capturesSites, siteBelow, siteText } from "./site.ts";
import type { Site } from "./site.ts";
import { isThenable } from "./internal/thenable.ts";

/** Name of a resource, and the context that owns it. */
export interface ResourceOptions {
  /** Name in errors and reports. @defaultValue "resource" */
  readonly name?: string;
  /** The context that reports the resource if it is not consumed. Without one, nothing reports it. */
  readonly context?: LinearContext | undefined;
}

/** Name and owner of a resource, and the release of its value if it is not consumed. */
export interface ReleaseOptions<in T> extends ResourceOptions {
  /**
   * Releases a value that was not consumed. It runs when the context closes (which still reports the leak), and under
   * `using`. The hooks of a context run one after the other, the latest resource first, each after the promise that the
   * one before has returned. `await using` and an awaited `close()` wait for the last. An error at a close, thrown or by
   * rejection, goes to `onReleaseError` of the context, so that it does not keep the other hooks from running. A promise
   * that never settles does.
   */
  readonly dispose?: ((value: T) => unknown) | undefined;
}

/** State of a resource, as in `toJSON` and the inspector. */
export type ResourceState = "live" | "borrowed" | "consumed" | "moved" | "closed";

/** The printable form of a resource, without its value. */
export interface ResourceSummary {
  /** Name given at creation. */
  readonly name: string;
  readonly kind: "linear" | "affine";
  /** Current state. */
  readonly state: ResourceState;
}

/** Maximum of owners that a resource records. The latest are kept. */
export const OWNERS_MAX = 8;

/** Options of a resource, by name. */
const OPTIONS: ReadonlyMap<string, Kind> = new Map([
  ["name", TEXT],
  ["context", { words: "a LinearContext", has: (value) => isContext(value) }],
  ["dispose", FUNCTION],
]);

/** Returns true if each option has the kind that {@link OPTIONS} names. Looking at all names would double the cost of a resource. */
function haveTheirKinds({ name, context, dispose }: ReleaseOptions<never>): boolean {
  return (
    (name === undefined || typeof name === "string") &&
    (context === undefined || isContext(context)) &&
    (dispose === undefined || typeof dispose === "function")
  );
}

/** Symbol of the method by which Node's `util.inspect`, and so `console.log`, formats an object. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** Data that only errors and reports need. It is a separate object, so that a resource without it stays small. */
interface Trace {
  readonly created?: Site | undefined;
  readonly owners?: readonly string[];
  ended?: Site;
}

/** The method that is making derived resources, whose caller is the site of their creation. */
let maker: Function | undefined;

/** Runs `make` while `method` counts as the maker of resources. */
function madeBy<R>(method: Function, make: () => R): R {
  const before = maker;
  maker = method;
  try {
    return make();
  } finally {
    maker = before;
  }
}

/**
 * A value that must be taken out exactly once. Taking it twice throws. If it is not taken, its context reports it. The
 * value is in a private field, so neither JSON nor an inspector shows it.
 *
 * @example
 * ```ts
 * import { LinearResource } from "@void-system/linear";
 * const conn = new LinearResource("socket 7", { name: "db_conn" });
 * conn.use((socket) => socket.length); // => 8
 * conn.consume(); // => "socket 7"
 * conn.isConsumed; // => true
 * ```
 */
export class LinearResource<T> {
  /** Number of uses required, for the compiler and the lint rules. It exists only in the type system. */
  declare readonly "~linear": "exactly-once" | "at-most-once";
  #value: T | undefined;
  /** Number of borrows in progress. */
  #borrows = 0;
  #ending: "consumed" | "moved" | "closed" | undefined;
  readonly #name: string;
  readonly #context: LinearContext | undefined;
  #trace: Trace | undefined;
  #dispose: ((value: never) => unknown) | undefined;
  #previous: LinearResource<unknown> | undefined;
  #next: LinearResource<unknown> | undefined;

  static {
    // Only the constructor and #end write a ledger's newest, and they write resources.
    revealAbandoning(({ newest }) => LinearResource.#abandon(newest as LinearResource<unknown> | undefined));
    Object.defineProperty(LinearResource.prototype, INSPECT, { value: inspect });
  }

  /**
   * @throws {@link LinearTypeError} if the context has closed.
   * @throws {@link LinearOptionError} for an option of the wrong kind and, while sites are captured (see `captureSites`), for
   * an unknown one.
   */
  constructor(value: T, options?: ReleaseOptions<T>) {
    if (options !== undefined && (capturesSites() || typeof options !== "object" || options === null || !haveTheirKinds(options))) {
      // Not the name of the class, which a bundler may change.
      checkOptions(this.kind === "affine" ? "AffineResource" : "LinearResource", options, OPTIONS);
    }
    this.#value = value;
    this.#dispose = options?.dispose;
    this.#name = options?.name ?? "resource";
    const context = options?.context;
    this.#context = context;
    const created = siteBelow(maker ?? new.target);
    if (created !== undefined) this.#trace = { created };
    if (context !== undefined) {
      const ledger = ledgerOf(context);
      if (ledger.isClosed) throw this.#misuse("context-closed", `the closed ${context.name}`, created);
      // Only resources write it.
      const newest = ledger.newest as LinearResource<unknown> | undefined;
      ledger.newest = this;
      this.#next = newest;
      if (newest !== undefined) newest.#previous = this;
    }
    notify?.("created", this);
  }

  /** Name given at creation. */
  get name(): string {
    return this.#name;
  }

  /** `linear` if the value must be taken, `affine` if it may be. */
  get kind(): "linear" | "affine" {
    return "linear";
  }

  /** True once the value has left this handle: consumed, moved to another context, or lost when its context closed. */
  get isConsumed(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * Takes the value out, once. Of any number of callers, exactly one gets it.
   *
   * @throws {@link LinearTypeError} the second time, after a move, after the context has closed, or during a borrow.
   */
  consume(): T {
    this.#assertFree(this.consume);
    return this.#end("consumed", siteBelow(this.consume));
  }

  /**
   * Lends the value to `borrow` until that returns or, if it returns a promise, until the promise settles. Borrows may
   * overlap. While one is in progress, `consume` and `move` are refused. Do not let the value escape.
   *
   * @returns the result of `borrow`.
   * @throws {@link LinearTypeError} if the resource is consumed, moved or closed; and any error of `borrow`.
   */
  use<R>(borrow: (value: T) => PromiseLike<R>): Promise<R>;
  use<R>(borrow: (value: T) => R): R;
  use(borrow: (value: T) => unknown): unknown {
    if (this.#ending !== undefined) throw this.#refusal(this.use);
    this.#borrows++;
    let isLasting = false;
    try {
      // The value is present, because only #end removes it.
      const result = borrow(this.#value as T);
      isLasting = isThenable(result);
      return isLasting ? Promise.resolve(result).finally(() => this.#borrows--) : result;
    } finally {
      if (!isLasting) this.#borrows--;
    }
  }

  /**
   * Takes the value out and puts the result of `change` into a new resource with the same name and context. If `change`
   * throws, nothing changes.
   *
   * @throws {@link LinearTypeError} as `consume` does; and any error of `change`.
   */
  map<U>(change: (value: T) => U): LinearResource<U> {
    return this.#change(this.map, change, (value) => this.derived(value, { name: this.#name, context: this.#context }));
  }

  /**
   * Takes the value out and puts each of the parts that `divide` returns into a resource of its own, named `name[0]`,
   * `name[1]` and so on, in the same context. If `divide` throws, nothing changes.
   *
   * @throws {@link LinearTypeError} as `consume` does; and any error of `divide`.
   */
  split<const U extends readonly unknown[]>(
    divide: (value: T) => U,
  ): { readonly [K in keyof U]: LinearResource<U[K]> } {
    const context = this.#context;
    const parts = this.#change(this.split, divide, (values) =>
      values.map((value, index) => this.derived(value, { name: `${this.#name}[${index}]`, context })),
    );
    // `map` keeps the number and order of the parts.
    return parts as unknown[] as { readonly [K in keyof U]: LinearResource<U[K]> };
  }

  /**
   * Runs the release hook on a value that is still present, and ends the resource, for `using`. It does not wait for a
   * hook that returns a promise. If that is rejected, the error goes to `onReleaseError` of the context.
   */
  [Symbol.dispose](): void {
    void this.#watched(this.#leave(this[Symbol.dispose]));
  }

  /**
   * Runs the release hook as `using` does and waits for it, for `await using`.
   *
   * @throws the error of the hook, thrown or by rejection.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave(this[Symbol.asyncDispose]);
  }

  /** Returns name, kind and state, never the value. */
  toJSON(): ResourceSummary {
    return { name: this.#name, kind: this.kind, state: this.#ending ?? (this.#borrows > 0 ? "borrowed" : "live") };
  }

  /**
   * Moves the value to another context. This handle ends, and the returned one replaces it.
   *
   * @throws {@link LinearTypeError} as `consume` does, or if `context` has closed; nothing has moved then.
   */
  move(context: LinearContext): LinearResource<T> {
    return this.moveInto(context, (value, options) => this.derived(value, options));
  }

  /**
   * Implements `move` for a subclass: ends this handle and continues in the one that `make` builds. If `make` throws,
   * nothing changes.
   */
  protected moveInto<R extends LinearResource<T>>(
    context: LinearContext,
    make: (value: T, options: ResourceOptions) => R,
  ): R {
    this.#assertFree(this.move);
    // The value is present: see `use`.
    const moved = madeBy(this.move, () => make(this.#value as T, { name: this.#name, context }));
    moved.#dispose = this.#dispose;
    moved.#trace = { created: this.#trace?.created, owners: this.#owners() };
    this.#end("moved", siteBelow(this.move));
    return moved;
  }

  /** Makes the derived resource of a value. A subclass overrides it to return its own kind. */
  protected derived<U>(value: U, options: ResourceOptions): LinearResource<U> {
    return new LinearResource(value, options);
  }

  /** Ends this handle and continues in the one that `make` builds from the changed value. */
  #change<U, R>(method: Function, change: (value: T) => U, make: (value: U) => R): R {
    this.#assertFree(method);
    const value = this.use(change);
    const made = madeBy(method, () => make(value));
    this.#end("consumed", siteBelow(method));
    return made;
  }

  /** Releases a value that is still present when its `using` ends. */
  #leave(method: Function): unknown {
    if (this.#ending !== undefined) return undefined;
    this.#assertFree(method);
    return this.#release("consumed", siteBelow(method))();
  }

  /** Ends the resource. Returns the function that runs its release hook, and returns the hook's result. */
  #release(how: "consumed" | "closed", site?: Site): () => unknown {
    const value = this.#end(how, site);
    // The hook takes a T, by the constructor's options. It is stored as taking never, so that resources stay covariant.
    return () => this.#dispose?.(value as never);
  }

  /** Ends the resource of a closing context. Returns its release, by which no other can be kept from running. */
  #abandoned(): Release {
    const release = this.#release("closed");
    return () => {
      try {
        return this.#watched(release());
      } catch (error) {
        this.#report(error);
        return undefined;
      }
    };
  }

  /** Returns the promise of a release that is in progress. A rejection is reported, and so never unhandled. */
  #watched(released: unknown): Promise<unknown> | undefined {
    return isThenable(released) ? Promise.resolve(released).catch((error: unknown) => this.#report(error)) : undefined;
  }

  #report(error: unknown): void {
    reportRelease(this.#context && ledgerOf(this.#context).onReleaseError, error, this.#name);
  }

  #end(how: "consumed" | "moved" | "closed", site: Site | undefined): T {
    // The value is present, because callers have checked that it has not ended.
    const value = this.#value as T;
    this.#value = undefined;
    this.#ending = how;
    if (site !== undefined) (this.#trace ??= {}).ended = site;
    if (this.#context !== undefined) {
      const previous = this.#previous;
      const next = this.#next;
      if (previous === undefined) ledgerOf(this.#context).newest = next;
      else previous.#next = next;
      if (next !== undefined) next.#previous = previous;
      this.#previous = this.#next = undefined;
    }
    notify?.("ended", this);
    return value;
  }

  /**
   * Ends the resources of a closed context, all before the first hook runs.
   *
   * @borrows newest
   */
  static #abandon(newest: LinearResource<unknown> | undefined): Abandoned {
    const leaks: Leak[] = [];
    const releases: Release[] = [];
    for (let resource = newest; resource !== undefined; ) {
      const next: LinearResource<unknown> | undefined = resource.#next;
      const borrowed = resource.#borrows > 0;
      if (resource.kind === "linear" || borrowed) leaks.push(resource.#leak(borrowed));
      releases.push(resource.#abandoned());
      resource = next;
    }
    return { leaks: leaks.toReversed(), released: releaseAll(releases) };
  }

  #owners(): readonly string[] {
    const former = this.#trace?.owners ?? [];
    return this.#context === undefined ? former : [...former, this.#context.name].slice(-OWNERS_MAX);
  }

  #leak(borrowed: boolean): Leak {
    return { name: this.#name, kind: this.kind, owners: this.#owners(), borrowed, createdAt: siteText(this.#trace?.created) };
  }

  #assertFree(method: Function): void {
    if (this.#ending !== undefined || this.#borrows > 0) throw this.#refusal(method);
  }

  #refusal(method: Function): LinearTypeError {
    const violation = this.#ending === undefined ? "ended-while-borrowed" : "used-after-end";
    return this.#misuse(violation, `${method.name}()`, siteBelow(method));
  }

  #misuse(violation: LinearViolation, what: string, second: Site | undefined): LinearTypeError {
    const sites = { firstUse: siteText(this.#trace?.ended), secondUse: siteText(second) };
    return misuseError({ resource: this.#name, violation, ...sites }, what, this.#ending);
  }
}

function inspect(this: LinearResource<unknown>): string {
  const { name, kind, state } = this.toJSON();
  return `${kind} resource ${JSON.stringify(name)} (${state})`;
}

import type { Leak, LinearTypeError, LinearViolation } from "../errors.ts";
import { revealAbandoning } from "./internal/ledger.ts";
import { ledgerOf } from "./linear-context.ts";
import type { LinearContext } from "./linear-context.ts";
import { misuseError } from "./internal/misuse.ts";
import { notify } from "./internal/notify.ts";
import { siteBelow, siteText } from "./site.ts";
import type { Site } from "./site.ts";
import { isThenable } from "./internal/thenable.ts";

/** How a resource is called, and who answers for it. */
export interface ResourceOptions {
  /** Its name in errors and reports. @defaultValue "resource" */
  readonly name?: string;
  /** The context that reports it if it is not consumed. Without one nobody does. */
  readonly context?: LinearContext | undefined;
}

/** How a resource is called, who answers for it, and how its value is released if nobody takes it. */
export interface ReleaseOptions<in T> extends ResourceOptions {
  /**
   * Releases a value that nobody took: run when the context closes over it (which is reported all the same), and by
   * `using`. What it throws then is ignored at a close, so that one release cannot keep the others from running.
   */
  readonly dispose?: ((value: T) => void) | undefined;
}

/** Where a resource is in its life, as `toJSON` and the inspector tell it. */
export type ResourceState = "live" | "borrowed" | "consumed" | "moved" | "closed";

/** What may be seen of a resource: never the value that it holds. */
export interface ResourceSummary {
  /** Its name. */
  readonly name: string;
  /** `linear` or `affine`. */
  readonly kind: "linear" | "affine";
  /** Where it is in its life. */
  readonly state: ResourceState;
}

/** Most owners that a resource remembers; the latest are kept. */
export const OWNERS_MAX = 8;

/** Where Node's `util.inspect`, and so its `console.log`, asks an object how it wants to be shown. */
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** What only errors and reports need. Its own object, so that a resource without it stays small. */
interface Trace {
  readonly created?: Site | undefined;
  readonly owners?: readonly string[];
  ended?: Site;
}

/**
 * A value that must be taken out exactly once. Taking it twice throws; not taking it is reported by its context. The
 * value lives in a private field, so neither JSON nor an inspector shows it.
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
  /** How often it must be used up, for the compiler and the lint rules. For the type system only: never there at run time. */
  declare readonly "~linear": "exactly-once" | "at-most-once";
  #value: T | undefined;
  /** Borrows that run. */
  #borrows = 0;
  #ending: "consumed" | "moved" | "closed" | undefined;
  readonly #name: string;
  readonly #context: LinearContext | undefined;
  #trace: Trace | undefined;
  #dispose: ((value: never) => void) | undefined;
  #previous: LinearResource<unknown> | undefined;
  #next: LinearResource<unknown> | undefined;

  static {
    // Only the constructor and #end write a ledger's newest, and they write resources.
    revealAbandoning(({ newest }) => LinearResource.#abandon(newest as LinearResource<unknown> | undefined));
    Object.defineProperty(LinearResource.prototype, INSPECT, { value: inspect });
  }

  /**
   * @throws {@link LinearTypeError} when the context has closed.
   */
  constructor(value: T, options?: ReleaseOptions<T>) {
    this.#value = value;
    this.#dispose = options?.dispose;
    this.#name = options?.name ?? "resource";
    const context = options?.context;
    this.#context = context;
    const created = siteBelow(new.target);
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

  /** The name given at creation. */
  get name(): string {
    return this.#name;
  }

  /** Whether the value must be taken (`linear`) or only may be (`affine`). */
  get kind(): "linear" | "affine" {
    return "linear";
  }

  /** Whether the value has left this handle: consumed, moved to another context, or lost when its context closed. */
  get isConsumed(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * Takes the value out, once. Of any number of callers exactly one gets it.
   *
   * @throws {@link LinearTypeError} the second time, after a move, after the context closed, or while it is borrowed.
   */
  consume(): T {
    this.#assertFree(this.consume);
    return this.#end("consumed", siteBelow(this.consume));
  }

  /**
   * Lends the value to `borrow` and gets it back when that returns or, if it returns a promise, when the promise
   * settles. Borrows may overlap; while one runs, `consume` and `move` are refused. Do not let the value escape.
   *
   * @returns what `borrow` returns.
   * @throws {@link LinearTypeError} when the resource is consumed, moved or closed; and whatever `borrow` throws.
   */
  use<R>(borrow: (value: T) => PromiseLike<R>): Promise<R>;
  use<R>(borrow: (value: T) => R): R;
  use(borrow: (value: T) => unknown): unknown {
    if (this.#ending !== undefined) throw this.#refusal(this.use);
    this.#borrows++;
    let isLasting = false;
    try {
      // The value is there: only #end removes it.
      const result = borrow(this.#value as T);
      isLasting = isThenable(result);
      return isLasting ? Promise.resolve(result).finally(() => this.#borrows--) : result;
    } finally {
      if (!isLasting) this.#borrows--;
    }
  }

  /**
   * Takes the value out and puts what `change` makes of it into a new resource, of the same name and context. If `change`
   * throws, nothing has happened.
   *
   * @throws {@link LinearTypeError} as `consume` does; and whatever `change` throws.
   */
  map<U>(change: (value: T) => U): LinearResource<U> {
    return this.#change(this.map, change, (value) => this.derived(value, { name: this.#name, context: this.#context }));
  }

  /**
   * Takes the value out and puts each of the parts that `divide` makes of it into a resource of its own, named
   * `name[0]`, `name[1]` and so on, in the same context. If `divide` throws, nothing has happened.
   *
   * @throws {@link LinearTypeError} as `consume` does; and whatever `divide` throws.
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

  /** What `using` calls: runs the disposal hook on a value that is still there, and ends the resource. */
  [Symbol.dispose](): void {
    if (this.#ending !== undefined) return;
    this.#assertFree(this[Symbol.dispose]);
    this.#release("consumed", siteBelow(this[Symbol.dispose]));
  }

  /** Name, kind and state; never the value. */
  toJSON(): ResourceSummary {
    return { name: this.#name, kind: this.kind, state: this.#ending ?? (this.#borrows > 0 ? "borrowed" : "live") };
  }

  /**
   * Gives the value to another context. This handle ends, the one returned goes on.
   *
   * @throws {@link LinearTypeError} as `consume` does, or when `context` has closed; then nothing has moved.
   */
  move(context: LinearContext): LinearResource<T> {
    return this.moveInto(context, (value, options) => this.derived(value, options));
  }

  /** For `move` of a subclass: ends this handle and continues in the one that `make` builds; all or nothing. */
  protected moveInto<R extends LinearResource<T>>(
    context: LinearContext,
    make: (value: T, options: ResourceOptions) => R,
  ): R {
    this.#assertFree(this.move);
    // The value is there: see `use`.
    const moved = make(this.#value as T, { name: this.#name, context });
    moved.#dispose = this.#dispose;
    moved.#trace = { created: this.#trace?.created, owners: this.#owners() };
    this.#end("moved", siteBelow(this.move));
    return moved;
  }

  /** For a subclass: the resource of its own kind in which a value goes on. */
  protected derived<U>(value: U, options: ResourceOptions): LinearResource<U> {
    return new LinearResource(value, options);
  }

  /** Ends this handle and goes on in what `make` builds from the changed value. */
  #change<U, R>(method: Function, change: (value: T) => U, make: (value: U) => R): R {
    this.#assertFree(method);
    const value = this.use(change);
    const made = make(value);
    this.#end("consumed", siteBelow(method));
    return made;
  }

  #release(how: "consumed" | "closed", site?: Site): void {
    const value = this.#end(how, site);
    // The hook takes a T, by the constructor's options; it is kept as taking never so that resources stay covariant.
    this.#dispose?.(value as never);
  }

  #end(how: "consumed" | "moved" | "closed", site: Site | undefined): T {
    // The value is there: callers have checked that it has not ended.
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
   * Ends the resources of a closed context.
   *
   * @borrows newest
   * @returns what was to be consumed and was not, in the order of creation.
   */
  static #abandon(newest: LinearResource<unknown> | undefined): Leak[] {
    const leaks: Leak[] = [];
    for (let resource = newest; resource !== undefined; ) {
      const next: LinearResource<unknown> | undefined = resource.#next;
      const borrowed = resource.#borrows > 0;
      if (resource.kind === "linear" || borrowed) leaks.push(resource.#leak(borrowed));
      try {
        resource.#release("closed");
      } catch {
        // The leak itself is reported; the other values must be released too.
      }
      resource = next;
    }
    return leaks.toReversed();
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

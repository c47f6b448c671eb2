/**
 * Who owns what: a resource and the context that answers for it. They share a file because the context's list runs
 * through the resources themselves (an intrusive list: nothing grows, and leaving it is O(1)).
 */
import { LinearLeakError, LinearTypeError } from "./errors.ts";
import type { Leak, LinearViolation } from "./errors.ts";
import { capturesSites, siteBelow } from "./site.ts";
import type { Site } from "./site.ts";

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

/** Is told of every resource: see {@link observeResources}. */
export interface ResourceObserver {
  /**
   * One was made.
   *
   * @borrows resource
   */
  created(resource: LinearResource<unknown>): void;
  /**
   * Its value has left it.
   *
   * @borrows resource
   */
  ended(resource: LinearResource<unknown>): void;
}

let observer: ResourceObserver | undefined;

/**
 * Sets who is told of every resource that is made and ends, for tests and development; `undefined` for nobody.
 *
 * @returns who was told before.
 * @example
 * ```ts
 * import { LinearResource, observeResources } from "@void-system/linear";
 * const made: string[] = [];
 * const before = observeResources({ created: ({ name }) => made.push(name), ended: () => undefined });
 * new LinearResource(1, { name: "lock" }).consume();
 * observeResources(before);
 * made; // => ["lock"]
 * ```
 */
export function observeResources(next: ResourceObserver | undefined): ResourceObserver | undefined {
  const before = observer;
  observer = next;
  return before;
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

// Status: from 0 the number of borrows that run; below 0 how the resource ended.
const CONSUMED = -1;
const MOVED = -2;
const CLOSED = -3;

/** What only errors and reports need. Its own object, so that a resource without it stays small. */
interface Trace {
  readonly created: Site | undefined;
  readonly owners: readonly string[];
  readonly ended: Site | undefined;
}

const ENDINGS: Readonly<Record<number, "consumed" | "moved" | "closed">> = {
  [CONSUMED]: "consumed",
  [MOVED]: "moved",
  [CLOSED]: "closed",
};

// Each class lets the other touch one private thing, through a function set in its static block.
type Head = LinearResource<unknown> | undefined;
let closeAll: (head: Head) => Leak[];
let headOf: (context: LinearContext) => Head;
/** @borrows head */
let setHead: (context: LinearContext, head: Head) => void;

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
  #status = 0;
  readonly #name: string;
  readonly #context: LinearContext | undefined;
  #trace: Trace | undefined;
  #dispose: ((value: never) => void) | undefined;
  #previous: LinearResource<unknown> | undefined = undefined;
  #next: LinearResource<unknown> | undefined = undefined;

  static {
    /** @borrows head */
    closeAll = (head) => {
      const leaks: Leak[] = [];
      for (let resource = head; resource !== undefined; ) {
        const next: LinearResource<unknown> | undefined = resource.#next;
        const borrowed = resource.#status > 0;
        if (resource.kind === "linear" || borrowed) leaks.push(resource.#leak(borrowed));
        resource.#abandon();
        resource = next;
      }
      return leaks.toReversed();
    };
    Object.defineProperty(LinearResource.prototype, INSPECT, { value: inspect });
    define(LinearResource.prototype, "dispose", function dispose(this: LinearResource<unknown>) {
      this.#release();
    });
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
    this.#trace = created && { created, owners: [], ended: undefined };
    if (context !== undefined) {
      if (context.isClosed) throw this.#misuse("context-closed", created, context.name);
      const head = headOf(context);
      setHead(context, this);
      this.#next = head;
      if (head !== undefined) head.#previous = this;
    }
    if (observer !== undefined) observer.created(this);
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
    return this.#status < 0;
  }

  /**
   * Takes the value out, once. Of any number of callers exactly one gets it.
   *
   * @throws {@link LinearTypeError} the second time, after a move, after the context closed, or while it is borrowed.
   */
  consume(): T {
    if (this.#status !== 0) throw this.#refusal(this.consume);
    return this.#end(CONSUMED, siteBelow(this.consume));
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
    if (this.#status < 0) throw this.#refusal(this.use);
    this.#status++;
    let result: unknown;
    let pending = false;
    try {
      // The value is there: status was not below 0, and only #end removes it.
      result = borrow(this.#value as T);
      pending = isThenable(result);
    } finally {
      if (!pending) this.#giveBack();
    }
    return pending ? Promise.resolve(result).finally(() => this.#giveBack()) : result;
  }

  /**
   * Takes the value out and puts what `change` makes of it into a new resource, of the same name and context. If `change`
   * throws, nothing has happened.
   *
   * @throws {@link LinearTypeError} as `consume` does; and whatever `change` throws.
   */
  map<U>(change: (value: T) => U): LinearResource<U> {
    return this.mapInto(change, (value, options) => new LinearResource(value, options));
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
    const parts = this.mapInto(divide, (values) =>
      values.map((value, index) => this.derived(value, { name: `${this.#name}[${index}]`, context })),
    );
    // `map` keeps the number and order of the parts.
    return parts as unknown[] as { readonly [K in keyof U]: LinearResource<U[K]> };
  }

  /** What `using` calls: runs the disposal hook on a value that is still there, and ends the resource. */
  [Symbol.dispose](): void {
    this.#release();
  }

  /** Name, kind and state; never the value. */
  toJSON(): ResourceSummary {
    const state = this.#status === 0 ? "live" : (ENDINGS[this.#status] ?? "borrowed");
    return { name: this.#name, kind: this.kind, state };
  }

  /**
   * Gives the value to another context. This handle ends, the one returned goes on.
   *
   * @throws {@link LinearTypeError} as `consume` does, or when `context` has closed; then nothing has moved.
   */
  move(context: LinearContext): LinearResource<T> {
    return this.moveInto(context, (value, options) => new LinearResource(value, options));
  }

  /** For `move` of a subclass: ends this handle and continues in the one that `make` builds; all or nothing. */
  protected moveInto<R extends LinearResource<T>>(
    context: LinearContext,
    make: (value: T, options: ResourceOptions) => R,
  ): R {
    if (this.#status !== 0) throw this.#refusal(this.move);
    // The value is there: see `use`.
    const moved = make(this.#value as T, { name: this.#name, context });
    moved.#dispose = this.#dispose;
    moved.#trace = { created: this.#trace?.created, owners: this.#owners(), ended: undefined };
    this.#end(MOVED, siteBelow(this.move));
    return moved;
  }

  /** For `split` of a subclass: the resource of one part. */
  protected derived<U>(value: U, options: ResourceOptions): LinearResource<U> {
    return new LinearResource(value, options);
  }

  /** For `map` of a subclass: ends this handle and goes on in what `make` builds from the changed value. */
  protected mapInto<U, R>(change: (value: T) => U, make: (value: U, options: ResourceOptions) => R): R {
    if (this.#status !== 0) throw this.#refusal(this.map);
    const value = this.use(change);
    const made = make(value, { name: this.#name, context: this.#context });
    this.#end(CONSUMED, siteBelow(this.map));
    return made;
  }

  #release(): void {
    if (this.#status > 0) throw this.#refusal(this[Symbol.dispose]);
    if (this.#status === 0) this.#runDispose(this.#end(CONSUMED, siteBelow(this[Symbol.dispose])));
  }

  #runDispose(value: T): void {
    // It takes a T, by the constructor's options; it is kept as taking never so that resources stay covariant.
    this.#dispose?.(value as never);
  }

  #abandon(): void {
    const value = this.#end(CLOSED, undefined);
    try {
      this.#runDispose(value);
    } catch {
      // The leak itself is reported; the other values must be released too.
    }
  }

  #end(how: number, site: Site | undefined): T {
    // The value is there: callers have checked that the status was not below 0.
    const value = this.#value as T;
    this.#value = undefined;
    this.#status = how;
    if (site !== undefined) {
      this.#trace = { created: this.#trace?.created, owners: this.#trace?.owners ?? [], ended: site };
    }
    if (this.#context !== undefined) this.#unlink(this.#context);
    if (observer !== undefined) observer.ended(this);
    return value;
  }

  #unlink(context: LinearContext): void {
    const previous = this.#previous;
    const next = this.#next;
    if (previous === undefined) setHead(context, next);
    else previous.#next = next;
    if (next !== undefined) next.#previous = previous;
    this.#previous = undefined;
    this.#next = undefined;
  }

  #giveBack(): void {
    if (this.#status > 0) this.#status--;
  }

  #owners(): readonly string[] {
    const former = this.#trace?.owners ?? [];
    return this.#context === undefined ? former : [...former, this.#context.name].slice(-OWNERS_MAX);
  }

  #leak(borrowed: boolean): Leak {
    const createdAt = this.#trace?.created?.text();
    return { name: this.#name, kind: this.kind, owners: this.#owners(), borrowed, createdAt };
  }

  #refusal(method: Function): LinearTypeError {
    return this.#misuse(this.#status > 0 ? "ended-while-borrowed" : "used-after-end", siteBelow(method), method.name);
  }

  #misuse(violation: LinearViolation, second: Site | undefined, what: string): LinearTypeError {
    const firstUse = this.#trace?.ended?.text();
    const secondUse = second?.text();
    const at = secondUse === undefined ? "" : ` at ${secondUse}`;
    const message = {
      "used-after-end":
        `expected ${this.#name} to be used no more after it was ${ENDINGS[this.#status] ?? "closed"}` +
        `${firstUse === undefined ? "" : ` at ${firstUse}`}, got ${what}()${at}; ` +
        `use it once, or borrow it before with use()${capturesSites() ? "" : "; captureSites(true) names places"}`,
      "ended-while-borrowed":
        `expected the borrows of ${this.#name} to be over, got ${what}()${at} while ${this.#status} still ran; ` +
        "await what use() returned first",
      "context-closed":
        `expected an open context for ${this.#name}, got ${what}, which has closed${at}; ` +
        "create it in a context that is still open",
    }[violation];
    return new LinearTypeError(message, { resource: this.#name, violation, firstUse, secondUse });
  }
}

/** How a context is called, and who is told of leaks. */
export interface LinearContextOptions {
  /** Its name in owner chains and reports. @defaultValue "context" */
  readonly name?: string;
  /** Told what was not consumed, instead of a {@link LinearLeakError} being thrown at close. */
  readonly onLeak?: (leaks: readonly Leak[], context: string) => void;
}

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
  #head: LinearResource<unknown> | undefined = undefined;
  #closed = false;

  static {
    headOf = (context) => context.#head;
    setHead = (context, head) => {
      context.#head = head;
    };
    // A compiler that lowers `using` looks for these where the platform has no such symbols.
    define(LinearContext.prototype, "dispose", function dispose(this: LinearContext) {
      this.close();
    });
    define(LinearContext.prototype, "asyncDispose", async function asyncDispose(this: LinearContext) {
      this.close();
    });
  }

  constructor(options?: LinearContextOptions) {
    this.name = options?.name ?? "context";
    this.#onLeak = options?.onLeak;
  }

  /** Whether the scope is over. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /**
   * Ends the scope and everything that it still owns. Closing again does nothing.
   *
   * @param options - `cause`: the error that ended the scope, kept as the cause of a leak error.
   * @throws {@link LinearLeakError} when linear resources were not consumed and no `onLeak` is there to be told.
   */
  close(options?: ErrorOptions): void {
    if (this.#closed) return;
    this.#closed = true;
    const leaks = closeAll(this.#head);
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
    let result: unknown;
    try {
      result = body(context);
    } catch (error) {
      context.close({ cause: error });
      throw error;
    }
    if (isThenable(result)) return settle(context, result);
    context.close();
    return result;
  }
}

async function settle(context: LinearContext, result: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await result;
  } catch (error) {
    context.close({ cause: error });
    throw error;
  }
  context.close();
  return value;
}

function define(target: object, name: "dispose" | "asyncDispose", method: () => unknown): void {
  const fallback = Symbol.for(`Symbol.${name}`);
  if (Reflect.get(Symbol, name) === undefined) Object.defineProperty(target, fallback, { value: method });
}

function inspect(this: LinearResource<unknown>): string {
  const { name, kind, state } = this.toJSON();
  return `${kind} resource ${JSON.stringify(name)} (${state})`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

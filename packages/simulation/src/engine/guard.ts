/**
 * Catches node code that bypasses its World. JavaScript cannot take the platform away from code. So while a simulation
 * runs, the platform's functions for time and randomness are replaced by ones that refuse calls from inside a node.
 */

import type { CpuWork } from "./cpu-costs.ts";
import { inputBytes, meteredCalls } from "./metered-calls.ts";

/** Advice for a node that waits for a promise. */
export const WITHOUT_PROMISES = "`yield*` in a program of `boots`, `fromAsync`, or callbacks,";

/** A function or a class of the platform that code of a node must not use. */
interface Door {
  readonly owner: object;
  readonly key: string;
  readonly name: string;
  readonly instead: string;
}

interface NodeModules {
  readonly "node:child_process": typeof import("node:child_process");
  readonly "node:crypto": typeof import("node:crypto");
  readonly "node:dns": typeof import("node:dns");
  readonly "node:timers": typeof import("node:timers");
  readonly "node:timers/promises": typeof import("node:timers/promises");
  readonly "node:module": typeof import("node:module");
  readonly "node:v8": typeof import("node:v8");
  readonly "node:worker_threads": typeof import("node:worker_threads");
}

/**
 * Returns a built-in module of Node.js; undefined in browsers. The module is looked up at run time, so this file stays
 * portable.
 */
function builtin<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  return typeof process === "object" ? process.getBuiltinModule?.(name) : undefined;
}

const TIME = "clock.schedule()";
const WALL = "clock.wallMs()";
const SINCE = "clock.monotonicMs()";
const DICE = "random.bytes()";
const JOBS = "compute.run()";
const LINKS = "network.send()";

/** The same for async functions. */
const IN_ASYNC: ReadonlyMap<string, string> = new Map([
  [TIME, "clock.sleep()"],
  [SINCE, "clock.monotonic()"],
  [WALL, "clock.now()"],
  [LINKS, "net.send()"],
]);

/** Functions and classes of global objects, by the name of the object; `globalThis` for the global one. */
const GLOBALS: readonly (readonly [owner: string, instead: string, ...keys: string[]])[] = [
  ["Date", WALL, "now"],
  ["performance", SINCE, "now", "mark", "measure"],
  ["Math", "random.next()", "random"],
  ["crypto", DICE, "getRandomValues", "randomUUID"],
  ["AbortSignal", TIME, "timeout"],
  ["Atomics", TIME, "wait", "waitAsync"],
  ["globalThis", TIME, "setTimeout", "setInterval", "setImmediate", "queueMicrotask"],
  ["globalThis", LINKS, "fetch", "MessageChannel", "BroadcastChannel", "WebSocket", "EventSource", "XMLHttpRequest"],
  ["globalThis", JOBS, "Worker", "SharedWorker"],
  // Not `process.nextTick`: printing calls it, and code of a node may print.
  ["process", SINCE, "hrtime", "uptime", "cpuUsage", "memoryUsage", "resourceUsage"],
];

/** Functions and classes of modules of Node.js. */
const MODULES: readonly (readonly [module: Exclude<keyof NodeModules, "node:module" | "node:v8">, instead: string, ...keys: string[]])[] = [
  ["node:crypto", DICE, "randomBytes", "randomFillSync", "randomFill", "randomInt", "randomUUID"],
  ["node:crypto", DICE, "generateKeyPairSync", "generateKeyPair", "generateKeySync", "generateKey"],
  ["node:crypto", DICE, "generatePrimeSync", "generatePrime", "createECDH", "createDiffieHellman", "getDiffieHellman"],
  ["node:timers", TIME, "setTimeout", "setInterval", "setImmediate"],
  ["node:timers/promises", TIME, "setTimeout", "setInterval", "setImmediate"],
  ["node:worker_threads", LINKS, "MessageChannel", "BroadcastChannel"],
  ["node:worker_threads", JOBS, "Worker"],
  ["node:child_process", JOBS, "exec", "execFile", "fork", "spawn", "execSync", "execFileSync", "spawnSync"],
  ["node:dns", LINKS, "lookup", "resolve", "resolve4", "resolve6", "reverse"],
];

let moduleDoors: readonly Door[] | undefined;

/** Returns the doors of this platform. */
function doors(): readonly Door[] {
  // Objects of the global scope may be replaced, by fake timers for instance. Modules stay.
  moduleDoors ??= MODULES.flatMap(([module, instead, ...keys]) => {
    const owner = builtin(module);
    return owner ? keys.map((key) => ({ owner, key, name: `${key}() of ${module}`, instead })) : [];
  });
  const found: Door[] = [];
  for (const [name, instead, ...keys] of GLOBALS) {
    const owner: unknown = name === "globalThis" ? globalThis : Reflect.get(globalThis, name);
    if ((typeof owner !== "object" && typeof owner !== "function") || owner === null) continue;
    const prefix = name === "globalThis" ? "" : `${name}.`;
    for (const key of keys) if (key in owner) found.push({ owner, key, name: `${prefix}${key}()`, instead });
  }
  if (typeof process === "object" && typeof process.hrtime === "function")
    found.push({ owner: process.hrtime, key: "bigint", name: "process.hrtime.bigint()", instead: SINCE });
  return [...found, ...moduleDoors];
}

/** Records a use of the platform and returns the error to throw. */
export type Report = (used: string, instead: string) => Error;

/** Guards that are installed, the newest last. */
const standing: Guard[] = [];

/**
 * Guarded functions by their originals and names, since a function may be global and of a module. They serve every guard:
 * making them again for each run takes time.
 */
const guardedFunctions = new WeakMap<object, Map<string, object>>();

/** Returns a function or a class that refuses calls while the newest guard is up. */
function guardedOf(original: object, { name, instead }: Door): object {
  const byName = guardedFunctions.get(original) ?? new Map<string, object>();
  const known = byName.get(name);
  if (known) return known;
  // A proxy keeps the properties that some of these functions have.
  const guarded = new Proxy(original, {
    apply: (target, self: unknown, given: unknown[]): unknown => {
      standing.at(-1)?.refuse(name, instead);
      // `original` is a function: see the caller.
      return Reflect.apply(target as (...given: unknown[]) => unknown, self, given);
    },
    construct: (target, given: unknown[], newTarget): object => {
      standing.at(-1)?.refuse(`new ${name}`, instead);
      // The engine calls this for a class alone.
      return Reflect.construct(target as new (...given: unknown[]) => object, given, newTarget);
    },
  });
  guardedFunctions.set(original, byName.set(name, guarded));
  return guarded;
}

/** Consoles whose methods run without a guard, by their originals. */
const unguardedConsoles = new WeakMap<Console, Console>();

/**
 * Returns a console whose methods run while the newest guard is down. Printing changes no run, although test runners
 * read the time of each line.
 */
function unguardedConsole(original: Console): Console {
  const known = unguardedConsoles.get(original);
  if (known) return known;
  const unguarded = new Proxy(original, {
    get: (target, key): unknown => {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== "function") return method;
      return (...given: unknown[]): unknown => {
        const print = (): unknown => Reflect.apply(method, target, given);
        const guard = standing.at(-1);
        return guard ? guard.lowered(print) : print();
      };
    },
  });
  unguardedConsoles.set(original, unguarded);
  unguardedConsoles.set(unguarded, unguarded);
  return unguarded;
}

/** Charges work to the node whose code runs. */
export type Meter = (work: CpuWork, times: number, bytes: number) => void;

/** Most places of `await`s that are kept. */
const AWAITS_MAX = 16;

/** Place of an `await`. The engine makes its text when it is read. */
export interface AwaitPlace {
  readonly stack?: string;
}

/**
 * Guards the platform's functions during one run. `inside` is true while a node's code runs, and `auditing` while a
 * check runs, or other code of the test that must depend on the run alone.
 */
export class Guard {
  inside = false;
  auditing = false;
  /** True while promises of async programs settle. Code of the node may then wait for promises. */
  settles = false;
  /** Places of the latest `await`s of the running async program. Stays empty outside of Node.js. */
  awaits: AwaitPlace[] = [];
  /** Number of `install`s without a `restore`. */
  #installed = 0;
  /** Is called for each metered platform call of a node. @defaultValue calls are not metered */
  meter: Meter | undefined;
  readonly #report: Report;
  readonly #restore: (() => void)[] = [];

  constructor(report: Report) {
    this.#report = report;
  }

  /** Replaces the platform's functions. The caller must call `restore`, even after an error. */
  install(): void {
    this.#installed += 1;
    if (this.#installed > 1) return;
    standing.push(this);
    this.#restore.push(() => void standing.splice(standing.lastIndexOf(this), 1));
    for (const door of doors()) {
      const original: unknown = Reflect.get(door.owner, door.key);
      if (typeof original === "function") this.#replace(door.owner, door.key, guardedOf(original, door));
    }
    if (this.meter) this.#meterCalls(this.meter);
    const guardedDate = this.#dateWithoutNow();
    this.#replace(Date.prototype, "constructor", guardedDate);
    this.#replace(globalThis, "Date", guardedDate);
    if (typeof console === "object") this.#replace(globalThis, "console", unguardedConsole(console));
    this.#watchPromises();
    syncImports();
  }

  #meterCalls(meter: Meter): void {
    const nodeCrypto = builtin("node:crypto");
    for (const call of nodeCrypto ? meteredCalls(nodeCrypto) : []) {
      const original: unknown = Reflect.get(call.owner, call.key);
      if (typeof original !== "function") continue;
      const metered = new Proxy(original, {
        apply: (target, self: unknown, given: unknown[]): unknown => {
          if (this.inside) meter(call.work, call.times, inputBytes(call, given));
          return Reflect.apply(target, self, given);
        },
      });
      this.#replace(call.owner, call.key, metered);
    }
  }

  /** Throws the error for a use of the platform, if the guard is up. */
  refuse(used: string, instead: string): void {
    if (this.#isUp) throw this.#report(used, (this.settles && IN_ASYNC.get(instead)) || instead);
  }

  /** Does work during which the guard is down. */
  lowered<T>(work: () => T): T {
    const { inside, auditing } = this;
    this.inside = false;
    this.auditing = false;
    try {
      return work();
    } finally {
      this.inside = inside;
      this.auditing = auditing;
    }
  }

  get #isUp(): boolean {
    return this.inside || this.auditing;
  }

  /** Puts the originals back. */
  restore(): void {
    this.#installed -= 1;
    if (this.#installed > 0) return;
    for (const undo of this.#restore.splice(0).toReversed()) undo();
    syncImports();
  }

  /**
   * Reports promises that wait for others. Code behind an `await` runs after the whole run, outside virtual time, so a
   * node that waits for a promise never continues. Promises without a waiter, such as those an asynchronous API
   * returns, are allowed.
   */
  #watchPromises(): void {
    const hook = (_promise: Promise<unknown>, parent: unknown): void => {
      // A promise that waits for another has the other as its parent. A hook cannot throw, so the event fails once it
      // is over.
      if (!this.#isUp || parent === undefined) return;
      if (this.settles && !this.auditing) {
        const place: AwaitPlace = {};
        Error.captureStackTrace(place, hook);
        if (this.awaits.push(place) > AWAITS_MAX) this.awaits.shift();
      } else this.#report("a promise that waits for another (await, then)", WITHOUT_PROMISES);
    };
    const stop = builtin("node:v8")?.promiseHooks?.onInit(hook);
    // @types/node types it as Function; it takes no arguments.
    if (stop) this.#restore.push(() => void Reflect.apply(stop, undefined, []));
  }

  #replace(owner: object, key: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(owner, key);
    Object.defineProperty(owner, key, {
      value,
      configurable: true,
      writable: true,
      enumerable: own?.enumerable ?? false,
    });
    this.#restore.push(() => {
      if (own) Object.defineProperty(owner, key, own);
      else Reflect.deleteProperty(owner, key);
    });
  }

  /** Returns a `Date` that refuses to read the clock. `new Date(ms)` is arithmetic and stays allowed. */
  #dateWithoutNow(): DateConstructor {
    return new Proxy(Date, {
      construct: (target, given, newTarget) => {
        if (given.length === 0) this.refuse("new Date()", WALL);
        return Reflect.construct(target, given, newTarget);
      },
      apply: (target, self, given) => {
        this.refuse("Date()", WALL);
        return Reflect.apply(target, self, given);
      },
    });
  }
}

/** Updates names imported from Node.js's modules after functions in those modules were replaced. */
function syncImports(): void {
  builtin("node:module")?.syncBuiltinESMExports();
}

/**
 * Catches node code that bypasses its World. JavaScript cannot take the platform away from code. So while a simulation
 * runs, the platform's functions for time and randomness are replaced by ones that refuse calls from inside a node.
 */

import type { CpuWork } from "./cpu-costs.ts";
import { inputBytes, meteredCalls } from "./metered-calls.ts";

interface Door {
  readonly owner: object;
  readonly key: string;
  readonly name: string;
  readonly instead: string;
}

/**
 * Returns a built-in module of Node.js; undefined in browsers. The module is looked up at run time, so this file stays
 * portable.
 */
function builtin<Name extends "node:crypto" | "node:timers" | "node:module" | "node:v8">(name: Name): NodeModules[Name] | undefined {
  return typeof process === "object" ? process.getBuiltinModule?.(name) : undefined;
}

interface NodeModules {
  readonly "node:crypto": typeof import("node:crypto");
  readonly "node:timers": typeof import("node:timers");
  readonly "node:module": typeof import("node:module");
  readonly "node:v8": typeof import("node:v8");
}

function doors(): Door[] {
  const found: Door[] = [
    { owner: Date, key: "now", name: "Date.now()", instead: "clock.wallMs()" },
    { owner: performance, key: "now", name: "performance.now()", instead: "clock.monotonicMs()" },
    { owner: Math, key: "random", name: "Math.random()", instead: "random.next()" },
    { owner: crypto, key: "getRandomValues", name: "crypto.getRandomValues()", instead: "random.bytes()" },
    { owner: crypto, key: "randomUUID", name: "crypto.randomUUID()", instead: "random.bytes()" },
    { owner: globalThis, key: "setTimeout", name: "setTimeout()", instead: "clock.schedule()" },
    { owner: globalThis, key: "setInterval", name: "setInterval()", instead: "clock.schedule()" },
    { owner: globalThis, key: "setImmediate", name: "setImmediate()", instead: "clock.schedule()" },
    { owner: globalThis, key: "queueMicrotask", name: "queueMicrotask()", instead: "clock.schedule()" },
    { owner: globalThis, key: "fetch", name: "fetch()", instead: "network.send()" },
  ];
  if (typeof process === "object") {
    // Not `process.nextTick`: printing calls it, and code of a node may print.
    found.push({ owner: process, key: "hrtime", name: "process.hrtime()", instead: "clock.monotonicMs()" });
    found.push({ owner: process.hrtime, key: "bigint", name: "process.hrtime.bigint()", instead: "clock.monotonicMs()" });
  }
  const nodeCrypto = builtin("node:crypto");
  for (const key of nodeCrypto ? ["randomBytes", "randomFillSync", "randomFill", "randomInt", "randomUUID"] : [])
    found.push({ owner: nodeCrypto ?? {}, key, name: `${key}() of node:crypto`, instead: "random.bytes()" });
  const nodeTimers = builtin("node:timers");
  for (const key of nodeTimers ? ["setTimeout", "setInterval", "setImmediate"] : [])
    found.push({ owner: nodeTimers ?? {}, key, name: `${key}() of node:timers`, instead: "clock.schedule()" });
  return found.filter(({ owner, key }) => key in owner);
}

/** Records a use of the platform and returns the error to throw. */
export type Report = (used: string, instead: string) => Error;

/** Charges work to the node whose code runs. */
export type Meter = (work: CpuWork, times: number, bytes: number) => void;

/** Most places of `await`s that are kept. */
const AWAITS_MAX = 16;

/** Place of an `await`. The engine makes its text when it is read. */
export interface AwaitPlace {
  readonly stack?: string;
}

/** Guards the platform's functions during one run. `inside` is true while a node's code runs. */
export class Guard {
  inside = false;
  /** True while promises of async programs settle. Code may then wait for promises. */
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
    for (const door of doors()) {
      const original: unknown = Reflect.get(door.owner, door.key);
      if (typeof original !== "function") continue;
      // A proxy keeps the properties that some of these functions have.
      const guarded = new Proxy(original, {
        apply: (target, self: unknown, given: unknown[]): unknown => {
          if (this.inside) throw this.#report(door.name, door.instead);
          return Reflect.apply(target, self, given);
        },
      });
      this.#replace(door.owner, door.key, guarded);
    }
    if (this.meter) this.#meterCalls(this.meter);
    this.#replace(globalThis, "Date", this.#dateWithoutNow());
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
      if (!this.inside || parent === undefined) return;
      if (this.settles) {
        const place: AwaitPlace = {};
        Error.captureStackTrace(place, hook);
        if (this.awaits.push(place) > AWAITS_MAX) this.awaits.shift();
      } else this.#report("a promise that waits for another (await, then)", "callbacks");
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
        if (this.inside && given.length === 0) throw this.#report("new Date()", "clock.wallMs()");
        return Reflect.construct(target, given, newTarget);
      },
      apply: (target, self, given) => {
        if (this.inside) throw this.#report("Date()", "clock.wallMs()");
        return Reflect.apply(target, self, given);
      },
    });
  }
}

/** Updates names imported from Node.js's modules after functions in those modules were replaced. */
function syncImports(): void {
  builtin("node:module")?.syncBuiltinESMExports();
}

/**
 * Catches code of nodes that reaches around its World. JavaScript cannot take the platform away from code, so while a
 * simulation runs, its doors to time and chance are replaced by ones that refuse whoever comes from inside a node.
 */

import type { CpuWork } from "./cpu-costs.ts";
import { inputBytes, meteredCalls } from "./metered-calls.ts";

interface Door {
  readonly owner: object;
  readonly key: string;
  readonly name: string;
  readonly instead: string;
}

/** What Node.js offers besides the globals; in browsers nothing. Asked for at run time, to stay portable. */
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

/** Takes note of a use of the platform, and makes the error to throw. */
export type Report = (used: string, instead: string) => Error;

/** Charges work to the node whose code runs. */
export type Meter = (work: CpuWork, times: number, bytes: number) => void;

/** The doors of one run: `inside` is true while code of a node runs. */
export class Guard {
  inside = false;
  /** Hears of the work that nodes do by calls of the platform. @defaultValue nobody does */
  meter: Meter | undefined;
  readonly #report: Report;
  readonly #restore: (() => void)[] = [];

  constructor(report: Report) {
    this.#report = report;
  }

  /** Replaces the doors. Whoever installs has to restore, whatever happens. */
  install(): void {
    for (const door of doors()) {
      const original: unknown = Reflect.get(door.owner, door.key);
      if (typeof original !== "function") continue;
      // A proxy, since some of these functions have properties.
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
    for (const undo of this.#restore.splice(0).toReversed()) undo();
    syncImports();
  }

  /**
   * Code behind an `await` runs after the whole run, outside of virtual time: whoever waits for a promise inside of a
   * node never gets on. A promise that nobody waits for, such as one that an asynchronous face hands out, is let be.
   */
  #watchPromises(): void {
    const stop = builtin("node:v8")?.promiseHooks?.onInit((_promise, parent: unknown) => {
      // One that waits for another has it as its parent. A hook cannot throw: the event fails when it is over.
      if (this.inside && parent !== undefined) this.#report("a promise that waits for another (await, then)", "callbacks");
    });
    // Typed as Function by @types/node; it takes nothing.
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

  /** `new Date(ms)` is arithmetic and stays; `new Date()` and `Date()` read the clock. */
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

/** Lets names that were imported from Node.js's modules see what was replaced in them. */
function syncImports(): void {
  builtin("node:module")?.syncBuiltinESMExports();
}

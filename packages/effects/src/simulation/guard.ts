/**
 * Catches code of nodes that reaches around its World. JavaScript cannot take the platform away from code, so while a
 * simulation runs, its doors to time and chance are replaced by ones that refuse whoever comes from inside a node.
 */

interface Door {
  readonly owner: object;
  readonly key: string;
  readonly name: string;
  readonly instead: string;
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
    { owner: globalThis, key: "fetch", name: "fetch()", instead: "network.send()" },
  ];
  return found.filter(({ owner, key }) => key in owner);
}

/** Refuses a use of the platform: throws. */
export type Refuse = (used: string, instead: string) => never;

/** The doors of one run: `inside` is true while code of a node runs. */
export class Guard {
  inside = false;
  readonly #refuse: Refuse;
  readonly #restore: (() => void)[] = [];

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  /** Replaces the doors. Whoever installs has to restore, whatever happens. */
  install(): void {
    for (const door of doors()) {
      const original: unknown = Reflect.get(door.owner, door.key);
      if (typeof original !== "function") continue;
      const check = (): void => {
        if (this.inside) this.#refuse(door.name, door.instead);
      };
      this.#replace(door.owner, door.key, function guarded(this: unknown, ...given: unknown[]): unknown {
        check();
        return Reflect.apply(original, this, given);
      });
    }
    this.#replace(globalThis, "Date", this.#dateWithoutNow());
  }

  /** Puts the originals back. */
  restore(): void {
    for (const undo of this.#restore.splice(0).toReversed()) undo();
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
        if (this.inside && given.length === 0) this.#refuse("new Date()", "clock.wallMs()");
        return Reflect.construct(target, given, newTarget);
      },
      apply: (target, self, given) => {
        if (this.inside) this.#refuse("Date()", "clock.wallMs()");
        return Reflect.apply(target, self, given);
      },
    });
  }
}

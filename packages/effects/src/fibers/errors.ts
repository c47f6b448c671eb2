import { EffectsError } from "../errors.ts";

/** When this is thrown, two effects were defined under one key: rows and handlers could not tell them apart. */
export class EffectKeyTakenError extends EffectsError {
  constructor(key: string) {
    super(
      "ERR_EFFECT_KEY_TAKEN",
      `expected one effect of the key ${JSON.stringify(key)}, got a second; define it once, in one module`,
    );
  }
}

/** When this is thrown, an effect was performed with `yield*` where no fiber runs. */
export class OutsideFiberError extends EffectsError {
  constructor() {
    super("ERR_OUTSIDE_FIBER", "expected yield* inside of a fiber, got it outside; start the program with run or runSync");
  }
}

/** When this is thrown into a program, it yielded something itself; only `yield*` of a program means something. */
export class StrayYieldError extends EffectsError {
  constructor() {
    super("ERR_STRAY_YIELD", "expected yield* of a program, got a yield of a value; write yield* …");
  }
}

/** When this is thrown, what a fiber waited for was answered a second time. */
export class ResumedTwiceError extends EffectsError {
  constructor() {
    super("ERR_RESUMED_TWICE", "expected one answer to what a fiber waits for, got a second; call resume or fail once");
  }
}

/** When this is thrown, a program given to `runSync` had to wait. It has been cancelled. */
export class SuspendedError extends EffectsError {
  constructor() {
    super("ERR_SUSPENDED", "expected a program that never waits, got one that does; use run, or handlers that answer at once");
  }
}

/** When this is thrown, what was waited for is a fiber that was cancelled. */
export class FiberCancelledError extends EffectsError {
  constructor(options?: ErrorOptions) {
    super("ERR_FIBER_CANCELLED", "expected the fiber's result, got its cancellation; do not wait for what you cancel", options);
  }
}

/** When this is thrown, a program did not end within its time. It has been cancelled. */
export class EffectTimeoutError extends EffectsError {
  constructor(timeoutMs: number) {
    super("ERR_EFFECT_TIMEOUT", `expected an end within ${timeoutMs} ms, got none; the program was cancelled`);
  }
}

/**
 * When this is thrown, several things failed at the end of one fiber: its program or a child of it, and finalisers.
 * `cause` is the first.
 */
export class FinalizersFailedError extends EffectsError {
  /** All that failed, in the order in which it happened. */
  readonly errors: readonly unknown[];

  constructor(errors: readonly unknown[]) {
    const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error))).join("; ");
    super("ERR_FINALIZERS_FAILED", `${errors.length} failures at the end of a fiber: ${reasons}`, { cause: errors[0] });
    this.errors = errors;
  }
}

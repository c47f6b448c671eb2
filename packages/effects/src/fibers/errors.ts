import { EffectsError } from "../errors.ts";

/** When this is thrown, two effects were defined under one key: rows and handlers could not tell them apart. */
export class EffectKeyTakenError extends EffectsError {
  constructor(key: string) {
    super(
      "ERR_EFFECT_KEY_TAKEN",
      `expected one effect "${key}", got two; define it once`,
    );
  }
}

/** When this is thrown, an effect was performed with `yield*` where no fiber runs. */
export class OutsideFiberError extends EffectsError {
  constructor() {
    super("ERR_OUTSIDE_FIBER", "expected yield* in a fiber, got it outside; use run");
  }
}

/** When this is thrown into a program, it yielded something itself; only `yield*` of a program means something. */
export class StrayYieldError extends EffectsError {
  constructor() {
    super("ERR_STRAY_YIELD", "expected yield* of a program, got a yield");
  }
}

/** When this is thrown, what a fiber waited for was answered a second time. */
export class ResumedTwiceError extends EffectsError {
  constructor() {
    super("ERR_RESUMED_TWICE", "expected one answer, got a second");
  }
}

/** When this is thrown, a program given to `runSync` had to wait. It has been cancelled. */
export class SuspendedError extends EffectsError {
  constructor() {
    super("ERR_SUSPENDED", "expected a program that never waits, got one; use run");
  }
}

/** When this is thrown, what was waited for is a fiber that was cancelled. */
export class FiberCancelledError extends EffectsError {
  constructor() {
    super("ERR_FIBER_CANCELLED", "expected a result, got a cancellation");
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
    super("ERR_FINALIZERS_FAILED", `${errors.length} failures at a fiber's end; see errors`, { cause: errors[0] });
    this.errors = errors;
  }
}

/** What is thrown for one failure or several. */
export function failureOf(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  // One of several is itself one of them.
  return new FinalizersFailedError(errors.flatMap((error) => (error instanceof FinalizersFailedError ? error.errors : [error])));
}

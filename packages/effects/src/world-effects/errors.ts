import { EffectsError } from "../errors.ts";

/** When this is thrown, a program did not end within its time. It has been cancelled. */
export class EffectTimeoutError extends EffectsError {
  constructor(timeoutMs: number) {
    super("ERR_EFFECT_TIMEOUT", `expected an end within ${timeoutMs} ms, got none; cancelled`);
  }
}

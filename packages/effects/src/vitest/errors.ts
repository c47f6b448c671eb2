import { EffectsError } from "../errors.ts";

/**
 * What a test of {@link simulation} fails with: the message holds the seed, the chart and the command that repeats
 * it.
 */
export class SimulationFailedError extends EffectsError {
  constructor(message: string, cause: Error) {
    super("ERR_SIMULATION_FAILED", message, { cause });
    // The stack of the helper tells nothing; that of the cause is told by the runner.
    this.stack = `${this.name}: ${message}`;
  }
}

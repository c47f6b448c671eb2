import { printLine } from "../portable/platform.ts";
import type { Logger, LogLevel } from "../world.ts";
import { handlerOf } from "./scope.ts";

/** One line that a {@link LogHandler} collected. */
export interface CollectedLine {
  /** How much it matters. */
  readonly level: LogLevel;
  /** Its stable name. */
  readonly event: string;
  /** What it says besides. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Answers the effect of logging; it is a `Logger`, so a driver's World can have the very same one.
 *
 * @example
 * ```ts
 * import { log, LogHandler, withHandlers } from "@void-system/effects";
 *
 * const lines = new LogHandler("collect");
 * withHandlers([lines], () => log("started", { port: 80 }));
 * lines.collected; // => [{ level: "info", event: "started", fields: { port: 80 } }]
 * ```
 */
export class LogHandler implements Logger {
  /** The effect that it answers. */
  readonly effect = "logger";
  readonly #target: "print" | "collect" | Logger;
  readonly #collected: CollectedLine[] = [];

  /** `"print"`: to the console; `"collect"`: into {@link LogHandler.collected}; or to any other logger. */
  constructor(target: "print" | "collect" | Logger) {
    this.#target = target;
  }

  /** What was logged so far, when it collects. */
  get collected(): readonly CollectedLine[] {
    return this.#collected;
  }

  log(level: LogLevel, event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (this.#target === "print") printLine(level, event, fields);
    else if (this.#target === "collect") this.#collected.push({ level, event, fields });
    else this.#target.log(level, event, fields);
  }
}

/**
 * Tells the log handler around of one event, by its stable name.
 *
 * @throws {@link UnhandledEffectError} when there is none.
 */
export function log(event: string, fields: Readonly<Record<string, unknown>> = {}, level: LogLevel = "info"): void {
  handlerOf("logger", "log()", 'new LogHandler("print")').log(level, event, fields);
}

import { printLine } from "../portable/platform.ts";
import type { Logger, LogLevel } from "../world.ts";
import { handlerOf } from "./scope.ts";

/** A line that a {@link LogHandler} collected. */
export interface CollectedLine {
  /** Severity of the line. */
  readonly level: LogLevel;
  /** The event's stable name. */
  readonly event: string;
  /** Details of the event. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Handles the effect of logging. It is a `Logger`, so a driver's World can use the same object.
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
  /** Name of the handled effect. */
  readonly effect = "logger";
  readonly #target: "print" | "collect" | Logger;
  readonly #collected: CollectedLine[] = [];

  /** `"print"` writes to the console, `"collect"` to {@link LogHandler.collected}. Any other logger may be given. */
  constructor(target: "print" | "collect" | Logger) {
    this.#target = target;
  }

  /** All lines so far of a handler that collects. */
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
 * Logs an event under its stable name with the log handler in force.
 *
 * @throws {@link UnhandledEffectError} when no log handler is in force.
 */
export function log(event: string, fields: Readonly<Record<string, unknown>> = {}, level: LogLevel = "info"): void {
  handlerOf("logger", "log()", 'new LogHandler("print")').log(level, event, fields);
}

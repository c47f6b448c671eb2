/** A place in the program, formatted only on request, because capturing costs far less than formatting. */
export interface Site {
  readonly stack?: unknown;
}

/** Formats a site as `function (file:line:column)`; `undefined` if the platform gives no stack. */
export function siteText(site: Site | undefined): string | undefined {
  return typeof site?.stack === "string" ? /^\s*at (.+)$/m.exec(site.stack)?.[1] : undefined;
}

let capturing = environment() !== "production";

/**
 * Turns capturing on or off: whether resources record where they were created and first used, so that errors name both
 * places. On unless `NODE_ENV` is `production` when the package loads. Costs one stack frame per use, about two
 * microseconds.
 *
 * @returns the previous setting.
 * @example
 * ```ts
 * import { captureSites } from "@void-system/linear";
 * const before = captureSites(false);
 * captureSites(before); // => false
 * ```
 */
export function captureSites(on: boolean): boolean {
  const before = capturing;
  capturing = on;
  return before;
}

/** Returns true if sites are captured. */
export function capturesSites(): boolean {
  return capturing;
}

/** Captures the caller of `below`; `undefined` if sites are not captured. */
export function siteBelow(below: Function): Site | undefined {
  return capturing ? capture(below) : undefined;
}

function capture(below: Function): Site {
  const site: Site = {};
  const limit = Error.stackTraceLimit;
  // Reflect.set, because an assignment would throw if intrinsics are frozen.
  Reflect.set(Error, "stackTraceLimit", 1);
  // Not available on every platform.
  Error.captureStackTrace?.(site, below);
  Reflect.set(Error, "stackTraceLimit", limit);
  return site;
}

/** Returns `NODE_ENV` if the platform has it, because this file also runs in browsers. */
function environment(): unknown {
  const host: { readonly process?: { readonly env?: { readonly NODE_ENV?: unknown } } } = globalThis;
  return host.process?.env?.NODE_ENV;
}

/** Where in the program something happened, formatted only when somebody asks: capturing costs far less than text. */
export interface Site {
  readonly stack?: unknown;
}

/** `function (file:line:column)`, or `undefined` where the platform gives no stack. */
export function siteText(site: Site | undefined): string | undefined {
  return typeof site?.stack === "string" ? /^\s*at (.+)$/m.exec(site.stack)?.[1] : undefined;
}

let capturing = environment() !== "production";

/**
 * Switches whether resources remember where they were created and used first, so that errors name both places. On
 * unless `NODE_ENV` is `production` when the package loads. One stack frame a use: about two microseconds each.
 *
 * @returns what it was before.
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

/** Whether sites are captured. */
export function capturesSites(): boolean {
  return capturing;
}

/** The caller of `below`, or `undefined` when sites are not captured. */
export function siteBelow(below: Function): Site | undefined {
  return capturing ? capture(below) : undefined;
}

function capture(below: Function): Site {
  const site: Site = {};
  const limit = Error.stackTraceLimit;
  // Reflect.set, since an assignment would throw where intrinsics are frozen.
  Reflect.set(Error, "stackTraceLimit", 1);
  // Not every platform has it.
  Error.captureStackTrace?.(site, below);
  Reflect.set(Error, "stackTraceLimit", limit);
  return site;
}

/** `NODE_ENV` where there is such a thing: this file also runs in browsers. */
function environment(): unknown {
  const host: { readonly process?: { readonly env?: { readonly NODE_ENV?: unknown } } } = globalThis;
  return host.process?.env?.NODE_ENV;
}

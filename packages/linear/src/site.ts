/** Where in the program something happened, formatted only when somebody asks: capturing costs far less than text. */
export class Site {
  readonly #holder: { readonly stack?: unknown } = {};

  /** @param below - the function whose caller is the site: it and what it called are left out. */
  constructor(below: Function) {
    const capture: unknown = Reflect.get(Error, "captureStackTrace");
    if (typeof capture !== "function") return;
    const limit: unknown = Reflect.get(Error, "stackTraceLimit");
    // Reflect.set, since an assignment would throw where intrinsics are frozen.
    Reflect.set(Error, "stackTraceLimit", 1);
    capture.call(Error, this.#holder, below);
    Reflect.set(Error, "stackTraceLimit", limit);
  }

  /** `function (file:line:column)`, or `undefined` where the platform gives no stack. */
  text(): string | undefined {
    const { stack } = this.#holder;
    if (typeof stack !== "string") return undefined;
    return /^\s*at (.+)$/m.exec(stack)?.[1];
  }
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
  return capturing ? new Site(below) : undefined;
}

/** `NODE_ENV` where there is such a thing: this file also runs in browsers. */
function environment(): unknown {
  const host: unknown = Reflect.get(globalThis, "process");
  if (typeof host !== "object" || host === null) return undefined;
  const env: unknown = Reflect.get(host, "env");
  return typeof env === "object" && env !== null ? Reflect.get(env, "NODE_ENV") : undefined;
}

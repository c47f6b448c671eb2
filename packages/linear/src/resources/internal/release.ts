/** Called with the error of a release hook: one that it threw, or with which its promise was rejected. */
export type ReleaseListener = (error: unknown, resource: string) => void;

/**
 * Reports the error of a release hook, to the context's listener if it has one, else to the console. It never throws, so
 * that one hook cannot keep the others from running.
 */
export function reportRelease(listener: ReleaseListener | undefined, error: unknown, resource: string): void {
  try {
    (listener ?? toConsole)(error, resource);
  } catch (cause) {
    toConsole(cause, resource);
  }
}

/** Not in the types of ECMAScript, and not on every platform. */
interface Host {
  readonly console?: { error(...values: readonly unknown[]): void };
}

function toConsole(error: unknown, resource: string): void {
  const host: Host = globalThis;
  host.console?.error(`expected ${resource} to be released, got an error:`, error);
}

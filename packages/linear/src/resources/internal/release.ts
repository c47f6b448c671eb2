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

/** Runs one release hook. Returns a promise if the hook is still in progress. It neither throws nor is rejected. */
export type Release = () => Promise<unknown> | undefined;

/**
 * Runs releases one after the other, each after the one before has ended, because a later resource may need an earlier one
 * to end: a transaction its connection. Returns a promise if one of them is still in progress.
 */
export function releaseAll(releases: readonly Release[]): Promise<void> | undefined {
  for (const [index, release] of releases.entries()) {
    const pending = release();
    if (pending !== undefined) return releaseRest(pending, releases.slice(index + 1));
  }
  return undefined;
}

async function releaseRest(pending: Promise<unknown>, releases: readonly Release[]): Promise<void> {
  await pending;
  for (const release of releases) await release();
}

/** Not in the types of ECMAScript, and not on every platform. */
interface Host {
  readonly console?: { error(...values: readonly unknown[]): void };
}

function toConsole(error: unknown, resource: string): void {
  const host: Host = globalThis;
  host.console?.error(`expected ${resource} to be released, got an error:`, error);
}

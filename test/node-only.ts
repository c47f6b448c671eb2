/**
 * The sources that may use `node:` modules. Everything else also runs in browsers: `test/chromium` loads it there.
 */

const NODE_ONLY = [/^effects\/src\/node\//, /^simulation\/src\/(vitest\/|cli)/, /^(macaroons|ising-scheduler)\/src\/cli/, /^crypto\/src\/node\//, /^transport\/src\/(tls\/|certificate)/, /^system\//];

/** Returns true for a source, by its path below `packages/`, that runs on Node alone. */
export function isNodeOnly(file: string): boolean {
  return NODE_ONLY.some((allowed) => allowed.test(file));
}

/**
 * Leaves this package's frames out of the stacks of errors that users read: their own frames say where the fault is.
 */

/** Folders of this package and of the effects that it runs, in a checkout and when installed. */
const OURS = foldersOf(import.meta.url);

/**
 * Removes frames of this package, of `@void-system/effects` and of Node.js from the stack of an error and of its causes.
 * Returns the error.
 */
export function withoutOurFrames<E>(error: E): E {
  const seen = new Set<unknown>();
  for (let one: unknown = error; one instanceof Error && !seen.has(one); one = one.cause) {
    seen.add(one);
    const lines = String(one.stack).split("\n");
    if (lines.some(isOurs)) Reflect.set(one, "stack", lines.filter((line) => !isOurs(line)).join("\n"));
  }
  return error;
}

/**
 * Returns true for a line of a stack that names a place in this package, in its runtime, or in Node.js, and for the
 * engine's own frame of a generator, which names none.
 */
export function isOurs(line: string): boolean {
  if (/^\s+at .*\bnext \(<anonymous>\)$/.test(line)) return true;
  return /^\s+at /.test(line) && (OURS.some((folder) => line.includes(folder)) || /[( ]node:/.test(line));
}

function foldersOf(moduleUrl: string): readonly string[] {
  const [, parent] = /^(?:file:\/\/)?(.+\/)simulation\/(?:src|dist)\//.exec(moduleUrl) ?? [];
  // In a bundle with the user's code, no folder distinguishes them.
  if (parent === undefined) return [];
  // Test runners may map the places of what is built to its sources.
  return ["simulation", "effects"].flatMap((name) => ["src", "dist"].map((folder) => `${parent}${name}/${folder}/`));
}

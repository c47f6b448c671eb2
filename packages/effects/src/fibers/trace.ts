/**
 * Stacks of user frames only, across suspensions.
 *
 * A program that waited is resumed from a timer or a socket, so the engine's stack has only the innermost frame of the
 * program. An error, however, passes through each waiting program on its way out, and there the engine knows that
 * program's own frames. So frames are collected where the error passes, which costs nothing unless an error is thrown.
 *
 * This reads the stacks of V8 (Node.js, Chrome, Deno). Stacks of other engines stay as they are. In a bundle, frames of
 * this package cannot be distinguished from the user's, so they stay too.
 */

/** Most user frames in a stack. */
const TRACE_FRAMES_MAX = 100;
/** Lines that the engine captures while a fiber runs. Of its default of ten, half would be this package's. */
const STACK_LINES = 50;

/** Text in the frame of the fiber's loop. The frames below it run the fiber. */
const DRIVER = ".fiberTurn ";
/** Folders whose frames are hidden: this package's own, and those given to {@link withoutFramesOf}. */
const hidden = new Set<string>(folderOf("effects", import.meta.url));

interface Trace {
  readonly error: Error;
  /** The error's name and message. */
  readonly head: string;
  readonly frames: string[];
}

const traces = new WeakMap<object, Trace>();

/**
 * Hides a library's own frames in the stacks of errors in fibers, for a library that performs the programs of its users.
 * Repeated calls have no further effect.
 *
 * @param folder - Name of the library's folder, such as "simulation" for `@void-system/simulation`. A bundle with the
 * user's code has no such folder, so nothing is hidden there.
 * @param moduleUrl - The `import.meta.url` of a module below the library's `src` or `dist`.
 * @example
 * ```ts
 * import { withoutFramesOf } from "@void-system/effects/fibers";
 * withoutFramesOf("my-library", import.meta.url);
 * ```
 */
export function withoutFramesOf(folder: string, moduleUrl: string): void {
  for (const path of folderOf(folder, moduleUrl)) hidden.add(path);
}

function folderOf(folder: string, moduleUrl: string): readonly string[] {
  const path = /^(?:file:\/\/)?(.+\/([^/]+)\/(?:src|dist)\/)/.exec(moduleUrl);
  return path?.[1] !== undefined && path[2] === folder ? [path[1]] : [];
}

/** Reduces an error's stack to user frames, once. */
export function traceOf(error: unknown): Trace | undefined {
  try {
    return error instanceof Error ? (traces.get(error) ?? firstTraceOf(error)) : undefined;
  } catch {
    // A thrown object may throw again when its properties are read. The fiber has to end nevertheless.
    return undefined;
  }
}

function firstTraceOf(error: Error): Trace | undefined {
  const { stack, cause } = error;
  const [head = "", ...lines] = String(stack).split(/\n(?= {4}at )/);
  if (lines.length === 0) return undefined;
  const trace: Trace = { error, head, frames: userFrames(lines) };
  show(trace);
  traces.set(error, trace);
  // A cause that was caught on the way out has not been reduced yet.
  traceOf(cause);
  return trace;
}

/** Adds the user frames of the program through which an error passes now. */
export function captureFrames(error: unknown): void {
  const trace = traceOf(error);
  if (!trace || trace.frames.length >= TRACE_FRAMES_MAX) return;
  trace.frames.push(...userFrames(String(new Error().stack).split("\n").slice(1)));
  show(trace);
}

/** Raises the engine's global limit of stack lines while fibers run. Returns a function that restores the limit. */
export function withLongStacks(): () => void {
  const limit = Error.stackTraceLimit;
  // A limit of 0 means that the user wants no stacks.
  if (limit > 0) setLimit(Math.max(limit, STACK_LINES));
  return () => setLimit(limit);
}

function setLimit(lines: number): void {
  // `Reflect.set` does not throw where `Error` is frozen.
  Reflect.set(Error, "stackTraceLimit", lines);
}

function show({ error, head, frames }: Trace): void {
  Reflect.set(error, "stack", [head, ...frames.slice(0, TRACE_FRAMES_MAX)].join("\n"));
}

/** Returns the user's lines of a stack, down to the fiber's loop. */
function userFrames(lines: readonly string[]): string[] {
  const end = lines.findIndex((line) => line.includes(DRIVER));
  return lines
    .slice(0, end < 0 ? undefined : end)
    .filter((line) => !isHidden(line) && !/\((<anonymous>|native)\)$|[ (]node:/.test(line));
}

function isHidden(line: string): boolean {
  for (const folder of hidden) if (line.includes(folder)) return true;
  return false;
}

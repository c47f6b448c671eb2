/**
 * Stacks of user frames only, across suspensions.
 *
 * A program that waited is resumed from a timer or a socket: what the engine knows of its stack then is that, and the
 * innermost frame. But an error goes through each waiting program on its way out, and there the engine knows that
 * program's own frames. So they are gathered where the error passes: nothing is paid as long as nothing fails. Reads the
 * stacks of V8 (Node.js, Chrome, Deno); those of other engines are left as they are. In a bundle with the user's own code
 * our frames cannot be told from theirs, and stay among them.
 */

/** User frames in a stack; those that would come after are left out. */
const TRACE_FRAMES_MAX = 100;
/** Lines that the engine captures while a fiber runs: of its own ten, half would be ours. */
const STACK_LINES = 50;

/** What is before the last `at` of a frame that is the driver's: what stands below runs the fiber. */
const DRIVER = ".fiberTurn ";
/** Folders of code that performs users' programs: this package's own, and those that {@link withoutFramesOf} named. */
const hidden = new Set<string>(folderOf("effects", import.meta.url));

interface Trace {
  readonly error: Error;
  /** The error's name and message. */
  readonly head: string;
  readonly frames: string[];
}

const traces = new WeakMap<object, Trace>();

/**
 * Leaves a library's own frames out of the stacks of errors in fibers, for a library that performs the programs of its
 * users. Naming a library again changes nothing.
 *
 * @param folder - The name of the library's folder: "simulation" of `@void-system/simulation`. In a bundle with the
 * user's code, which has no such folder, nothing is left out.
 * @param moduleUrl - The `import.meta.url` of one of its modules, below its `src` or `dist`.
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

/** Makes an error's stack one of user frames, the first time. */
export function traceOf(error: unknown): Trace | undefined {
  try {
    return error instanceof Error ? (traces.get(error) ?? firstTraceOf(error)) : undefined;
  } catch {
    // Whoever throws may throw anything, even what throws itself when it is looked at: the fiber has to end all the same.
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
  // One that was caught on the way out never came to where stacks are made; where it was caught, this one goes on.
  traceOf(cause);
  return trace;
}

/** Adds the user frames of the program that an error passes now. */
export function captureFrames(error: unknown): void {
  const trace = traceOf(error);
  if (!trace || trace.frames.length >= TRACE_FRAMES_MAX) return;
  trace.frames.push(...userFrames(String(new Error().stack).split("\n").slice(1)));
  show(trace);
}

/** Raises the engine's limit of lines, which is global, for as long as fibers run; returns how to put it back. */
export function withLongStacks(): () => void {
  const limit = Error.stackTraceLimit;
  // A limit of 0 was set by somebody who wants no stacks.
  if (limit > 0) setLimit(Math.max(limit, STACK_LINES));
  return () => setLimit(limit);
}

function setLimit(lines: number): void {
  // `Reflect.set`: where errors are frozen, all stays as it is.
  Reflect.set(Error, "stackTraceLimit", lines);
}

function show({ error, head, frames }: Trace): void {
  Reflect.set(error, "stack", [head, ...frames.slice(0, TRACE_FRAMES_MAX)].join("\n"));
}

/** The user's lines of a stack, down to the driver. */
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

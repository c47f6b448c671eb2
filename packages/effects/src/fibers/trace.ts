/**
 * Stacks of user frames only, across suspensions.
 *
 * A program that waited is resumed from a timer or a socket: what the engine knows of its stack then is that, and the
 * innermost frame. But an error goes through each waiting program on its way out, and there the engine knows that
 * program's own frames. So they are gathered where the error passes: nothing is paid as long as nothing fails. Reads the
 * stacks of V8 (Node.js, Chrome, Deno); those of other engines are left as they are.
 */

/** User frames in a stack; those that would come after are left out. */
const TRACE_FRAMES_MAX = 100;
/** Lines that the engine captures while a fiber runs: of its own ten, half would be ours. */
const STACK_LINES = 50;

/** Our functions that can stand between user frames. */
const OURS = new Set(
  (
    "all begin decision drain endAll enter handle late launch next onExit outcomeOf park race resume return run runSync " +
    "scope settle slice spawn throw timeout together valueOf wake"
  ).split(" "),
);
/** The method that calls into programs: below it stands whoever runs the fiber. */
const DRIVER = "slice";

interface Trace {
  /** The error's name and message. */
  readonly head: string;
  readonly frames: string[];
  /** Who called `run`, when it fails in its first turn. */
  readonly base: readonly string[];
}

const traces = new WeakMap<Error, Trace>();

/** Makes an error's stack one of user frames. `keepBase`: whoever called into the fiber belongs to it. */
export function traceOf(error: unknown, keepBase: boolean): void {
  if (!(error instanceof Error) || traces.has(error)) return;
  const { stack } = error;
  const at = typeof stack === "string" ? stack.search(/^ {4}at /m) : -1;
  if (typeof stack !== "string" || at < 0) return;
  const { frames, base } = userFrames(stack.slice(at));
  const trace: Trace = { head: stack.slice(0, at), frames, base: keepBase ? base : [] };
  traces.set(error, trace);
  show(error, trace);
}

/** Adds the user frames of the program that an error passes now. */
export function captureFrames(error: unknown): void {
  if (!(error instanceof Error)) return;
  traceOf(error, false);
  const trace = traces.get(error);
  if (!trace || trace.frames.length >= TRACE_FRAMES_MAX) return;
  const here: { stack?: string } = {};
  // V8's own; where it is missing no trace was made.
  Error.captureStackTrace(here, captureFrames);
  trace.frames.push(...userFrames(here.stack ?? "").frames);
  trace.frames.splice(TRACE_FRAMES_MAX);
  show(error, trace);
}

/** Raises the engine's limit of lines, which is global, for as long as fibers run; returns how to put it back. */
export function withLongStacks(): () => void {
  const limit = Error.stackTraceLimit;
  if (!(limit > 0 && limit < STACK_LINES)) return unchanged;
  const raised = Reflect.set(Error, "stackTraceLimit", STACK_LINES);
  return raised ? () => void Reflect.set(Error, "stackTraceLimit", limit) : unchanged;
}

function unchanged(): void {}

function show(error: Error, { head, frames, base }: Trace): void {
  // Some errors are frozen: their stack stays as it is.
  Reflect.set(error, "stack", head + [...frames, ...base].join("\n"));
}

/** The user's lines of a stack: those above the driver, and those below it. */
function userFrames(stack: string): { readonly frames: string[]; readonly base: string[] } {
  const frames: string[] = [];
  const base: string[] = [];
  let into = frames;
  for (const line of stack.split("\n")) {
    if (!line.startsWith("    at ")) continue;
    const name = /^ {4}at (?:async )?(?:new )?(?:[^ (]+\.)?(?:\[as )?#?([\w$]+)/.exec(line)?.[1] ?? "";
    if (isOurs(line, name)) {
      if (name === DRIVER) into = base;
    } else if (!/\((?:<anonymous>|native)\)$|\(?node:/.test(line)) into.push(line);
  }
  return { frames, base };
}

/** Where this package's code is: in a bundle with the user's own, only the names tell ours. */
const HERE: string = import.meta.url?.replace(/(fibers\/)?[^/]*$/, "").replace(/^file:\/\//, "") ?? "";

function isOurs(line: string, name: string): boolean {
  return OURS.has(name) && line.includes(HERE);
}

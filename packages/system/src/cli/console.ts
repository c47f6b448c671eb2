/**
 * Output of every command: results on standard output, as text or with `--json` as JSON; progress and errors on standard
 * error; an exit code for each kind of failure.
 */
import { type Clauses, type Eff, type Effect, effect, onExit, scope, type Need } from "@void-system/effects/fibers";
import { SingleBar } from "cli-progress";
import { OutputError, SystemError } from "../errors.ts";

/** 0 is success. */
export const EXIT = { failure: 1, usage: 2, interrupted: 130 } as const;

/** Exit codes of errors other than a plain failure. */
const EXITS: Readonly<Record<string, number>> = { ERR_CONFIG: EXIT.usage, ERR_USAGE: EXIT.usage, ERR_INTERRUPTED: EXIT.interrupted };

/** Whether to speak JSON. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** Progress bar on a terminal; nothing elsewhere. */
export interface Bar {
  /** Shows that `done` of `total` are done. */
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

/** Output of a command. */
export interface ConsoleOperations {
  /** Prints a result: `value` as JSON, or the lines for people. */
  print(value: unknown, lines: readonly string[]): void;
  /** Prints a line about progress on standard error, so that results stay clean. */
  tell(line: string): void;
  /** Returns a progress bar. */
  bar(what: string): Bar;
}

/** Whoever reads what a command says. */
export const Console: Effect<"void.console", ConsoleOperations> = /* @__PURE__ */ effect<ConsoleOperations>()("void.console");

/** The terminal, or whatever standard output and error are. */
export function terminal(options: OutputOptions): Clauses<ConsoleOperations, never> {
  return {
    print: (value, lines) => {
      const text = options.json ? JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)) : lines.join("\n");
      process.stdout.write(`${text}\n`);
    },
    tell,
    bar: (what) => {
      if (process.stderr.isTTY) return terminalBar(what);
      tell(`${what} …`);
      return { update: () => undefined, stop: () => undefined };
    },
  };
}

/** A progress bar while `work` goes on. */
export function* withProgress<R, A>(what: string, work: (onProgress: Bar["update"]) => Eff<R, A>): Generator<R | Need<"void.console">, A> {
  return yield* scope(function* showing(): Generator<R | Need<"void.console">, A> {
    const bar = yield* Console.bar(what);
    yield* onExit(bar.stop);
    return yield* work(bar.update);
  });
}

/**
 * Handles output that cannot be written, which surfaces later. A reader that has left, as `head` does, has all that it
 * wanted. A result that is lost otherwise, as on a full disk, fails the command.
 */
export function watchOutput(options: OutputOptions): void {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", (error) => {
    if ("code" in error && error.code === "EPIPE") return;
    process.exitCode = printError(options, new OutputError(error));
  });
}

/** Prints an error and returns its exit code. */
export function printError(options: OutputOptions, error: unknown): number {
  const known = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "ERR_UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  tell(options.json ? JSON.stringify({ error: { code: known, message } }) : `void: ${message}`);
  // Without a code of ours it is a mistake of ours: then the way there matters.
  if (!(error instanceof SystemError) && known === "ERR_UNEXPECTED" && error instanceof Error) tell(error.stack ?? "");
  return EXITS[known] ?? EXIT.failure;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

function terminalBar(what: string): Bar {
  const bar = new SingleBar({ format: `${what} [{bar}] {percentage}% {value}/{total}`, stream: process.stderr, hideCursor: true });
  return {
    update: (done, total) => {
      if (!bar.isActive) bar.start(total, done);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}

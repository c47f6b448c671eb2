/**
 * How every command speaks: results on standard output, as text for people or as JSON with `--json`; progress and
 * errors on standard error; an exit code that says what went wrong.
 */
import { SystemError } from "../errors.ts";

/** 0 is success. */
export const EXIT = { failure: 1, usage: 2, interrupted: 130 } as const;

/** Exit codes of errors that are no plain failures. */
const EXITS: Readonly<Record<string, number>> = { ERR_CONFIG: EXIT.usage, ERR_USAGE: EXIT.usage, ERR_INTERRUPTED: EXIT.interrupted };

/** Whether to speak JSON. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** Prints a result: `value` as JSON, or the lines for people. */
export function print(options: OutputOptions, value: unknown, lines: readonly string[]): void {
  const text = options.json ? JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)) : lines.join("\n");
  process.stdout.write(`${text}\n`);
}

/** A line for people about what goes on; on standard error, so that results stay clean. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Prints an error and sets the exit code. */
export function printError(options: OutputOptions, error: unknown): void {
  const known = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "ERR_UNEXPECTED";
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(options.json ? `${JSON.stringify({ error: { code: known, message } })}\n` : `void: ${message}\n`);
  // Without a code of ours it is a mistake of ours: then the way there matters.
  if (!(error instanceof SystemError) && known === "ERR_UNEXPECTED" && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  process.exitCode = EXITS[known] ?? EXIT.failure;
}

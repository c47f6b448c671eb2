import { CausalError } from "../errors.ts";

/** When this is thrown, telemetry could not be read: `expected` and, where there are lines, `line` say what is wrong where. */
export class ImportError extends CausalError {
  /** Expected contents. */
  readonly expected: string;
  /** The line or row, from 1 on; undefined where the text has none. */
  readonly line: number | undefined;

  constructor(expected: string, line?: number, cause?: unknown) {
    super("ERR_IMPORT", `${line === undefined ? "" : `line ${line}: `}expected ${expected}`, { cause });
    this.expected = expected;
    this.line = line;
  }
}

/** When this is thrown, an optional package is not installed; the message has the command that installs it. */
export class MissingPeerError extends CausalError {
  constructor(name: string, cause: unknown) {
    super("ERR_MISSING_PEER", `expected the package ${name} for reading CSV, and it is not there; install it: npm install ${name}`, { cause });
  }
}

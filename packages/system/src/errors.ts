import type { Leak, LinearLeakError } from "@void-system/linear";

/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class SystemError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, the components of a node cannot be put in an order: a programming mistake, found before anything starts. */
export class BootOrderError extends SystemError {
  constructor(message: string) {
    super("ERR_BOOT_ORDER", message);
  }
}

/** When this is thrown, a component did not start; everything before it was stopped again. `cause` is its own error. */
export class BootError extends SystemError {
  /** The component that failed. */
  readonly component: string;

  constructor(component: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super("ERR_BOOT", `${component} did not start: ${reason}`, { cause });
    this.component = component;
  }
}

/**
 * When this is thrown, a node has ended and a component had not closed what it had opened. It was closed then, so nothing
 * is left open, but its component has a mistake.
 */
export class LeakError extends SystemError {
  /** Resources that were left open, in the order in which they were opened. */
  readonly leaks: readonly Leak[];

  constructor(cause: LinearLeakError) {
    const names = cause.leaks.map(({ name }) => name).join(", ");
    super("ERR_LEAK", `expected every component to close what it had opened, got ${names} left open; please report this`, { cause });
    this.leaks = cause.leaks;
  }
}

/** When this is thrown, a face of the node could not listen at its address. */
export class ListenError extends SystemError {
  constructor(face: string, address: { readonly host: string; readonly port: number }, cause: unknown) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const why =
      code === "EADDRINUSE"
        ? "another process listens there; stop it, or choose another port (0 takes a free one)"
        : code === "EACCES"
          ? "this user may not use that port; choose one above 1023"
          : code === "EADDRNOTAVAIL"
            ? "this machine does not have that address"
            : String(cause);
    super("ERR_LISTEN", `${face} cannot listen on ${address.host}:${address.port}: ${why}`, { cause });
  }
}

/** When this is thrown, a folder of telemetry does not have the layout that `void import` reads. */
export class DatasetError extends SystemError {
  constructor(file: string, expected: string, line?: number, cause?: unknown) {
    super("ERR_DATASET", `${file}${line === undefined ? "" : `, line ${line}`}: expected ${expected}`, { cause });
  }
}

/** When this is thrown, a node refused a command; the message holds its own words. */
export class CommandError extends SystemError {
  /** The node's own words; the first one says what kind of refusal it is. */
  readonly refusal: string;

  constructor(command: string, refusal: string) {
    super("ERR_COMMAND", `${command} was refused: ${refusal}`);
    this.refusal = refusal;
  }
}

/** When this is thrown, no node of the cluster gave an answer. What was sent may have been executed. */
export class UnreachableClusterError extends SystemError {
  constructor(nodes: readonly { readonly host: string; readonly port: number }[], cause: unknown) {
    const tried = nodes.map(({ host, port }) => `${host}:${port}`).join(", ") || "none";
    const reason = cause instanceof Error ? cause.message : String(cause);
    super("ERR_UNREACHABLE", `no node of the cluster answers (tried ${tried}; last: ${reason}); is it running? Start it with: void dev`, { cause });
  }
}

/** When this is thrown, the description of a running cluster cannot be read. */
export class ClusterFileError extends SystemError {
  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super("ERR_CLUSTER_FILE", `cannot read ${file}: ${reason}; start a cluster with void dev, or name its folder with --dir`, { cause });
  }
}

/** When this is thrown, a placement cannot be computed from what is known of the nodes. */
export class PlacementError extends SystemError {
  constructor(message: string) {
    super("ERR_PLACEMENT", message);
  }
}

/** One thing that is wrong with a configuration. */
export interface ConfigMistake {
  /** Path of the field, as names and indices joined by dots. */
  readonly path: string;
  /** The expected value, the value found, and the remedy. */
  readonly reason: string;
}

/** When this is thrown, a configuration cannot be used as it is. */
export class ConfigError extends SystemError {
  /** Every mistake, not only the first. */
  readonly mistakes: readonly ConfigMistake[];

  constructor(mistakes: readonly ConfigMistake[], file?: string) {
    const lines = mistakes.map(({ path, reason }) => `  ${path || "(the whole)"}: ${reason}`);
    super("ERR_CONFIG", `the configuration${file === undefined ? "" : ` in ${file}`} has ${mistakes.length} mistake(s):\n${lines.join("\n")}`);
    this.mistakes = mistakes;
  }
}

/** When this is thrown, a file or folder of a node cannot be written. */
export class FolderError extends SystemError {
  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super("ERR_FOLDER", `cannot use ${path}: ${reason}; check that it is there and that this user may read and write it`, { cause });
  }
}

/** When this is thrown, the disk has no room for the next checkpoint of a node that starts: it would end as soon as it writes one. */
export class DiskFullError extends SystemError {
  constructor(folder: string, { freeBytes, totalBytes }: { readonly freeBytes: number; readonly totalBytes: number }, stateBytes: number) {
    super("ERR_DISK_FULL", `expected room in ${folder} for a checkpoint of ${stateBytes} bytes, got ${freeBytes} free bytes of ${totalBytes}; make space, then start the node`);
  }
}

/** When this is thrown, a replica's folder is empty, or its operator says so, and the replica must not begin. */
export class EmptyDiskError extends SystemError {
  constructor(message: string) {
    super("ERR_EMPTY_DISK", message);
  }
}

/** When this is thrown, a command was called with words that it does not take. */
export class UsageError extends SystemError {
  constructor(message: string) {
    super("ERR_USAGE", message);
  }
}

/** When this is thrown, a cluster runs already where another one was to be started. */
export class AlreadyRunningError extends SystemError {
  constructor(folder: string, pids: readonly number[]) {
    super("ERR_ALREADY_RUNNING", `a cluster runs in ${folder} (processes ${pids.join(", ")}); stop it, or name another folder with --dir`);
  }
}

/** When this is thrown, a node of a cluster did not come up, or ended; the message ends with the last lines of its log. */
export class NodeEndedError extends SystemError {
  constructor(node: string, how: string, log: readonly string[]) {
    super("ERR_NODE_ENDED", `${node}: ${how}${log.length > 0 ? `; the last lines of the log:\n${log.join("\n")}` : ""}`);
  }
}

/** When this is thrown, a node was asked for something before `initialize()`, or after it ended. */
export class NotInitializedError extends SystemError {
  constructor() {
    super("ERR_NOT_INITIALIZED", "expected a node that was initialized and is not stopped; await initialize() first, or make another one");
  }
}

/** When this is thrown, something needs broadcasts and the node was configured without them. */
export class GossipDisabledError extends SystemError {
  constructor(what: string) {
    super("ERR_GOSSIP_DISABLED", `${what} needs broadcasts, and enableGossip is false in this node's configuration`);
  }
}

/** When this is thrown, the demonstration did not come out as it must. */
export class DemoError extends SystemError {
  constructor(message: string) {
    super("ERR_DEMO", message);
  }
}

/** When this is thrown, a text is no capability token. The text itself is not shown: it may be one with a typing mistake. */
export class TokenError extends SystemError {
  constructor(reason: string) {
    super("ERR_TOKEN", `expected a capability token, got ${reason}; print one with void token mint`);
  }
}

/** When this is thrown, a command did its work and its result could not be written to standard output. */
export class OutputError extends SystemError {
  constructor(cause: Error) {
    super("ERR_OUTPUT", `cannot write to standard output: ${cause.message}; what was to be done was done, its result is lost`, { cause });
  }
}

/** When this is thrown, a command was interrupted before it was done, and has ended what it had begun. */
export class InterruptedError extends SystemError {
  constructor() {
    super("ERR_INTERRUPTED", "interrupted; what it had begun was ended");
  }
}

import { EffectsError } from "../errors.ts";

/**
 * When this is handed over, a file of a log is not what was written: bit rot, or somebody changed it. Nothing was cut.
 */
export class LogDamagedError extends EffectsError {
  /** The file. */
  readonly file: string;
  /** Where in it, in bytes. */
  readonly offset: number;

  constructor(file: string, offset: number, what: string, options?: ErrorOptions) {
    super(
      "ERR_LOG_DAMAGED",
      `${file} is damaged at byte ${offset}: ${what}. Restore the folder from a copy made while the node was stopped, ` +
        "or retire this node and add a new one under a new name. Do not just delete the folder: a node that forgets " +
        "what it said may contradict itself",
      options
    );
    this.file = file;
    this.offset = offset;
  }
}

/** When this is handed over, another version of this package wrote the log. */
export class LogVersionError extends EffectsError {
  constructor(file: string, got: string) {
    super("ERR_LOG_VERSION", `expected a log of format 1 in ${file}, got ${got}; run the version that wrote it`);
  }
}

/** When this is handed over, another process (or another disk of this one) has the folder open. */
export class DiskLockedError extends EffectsError {
  /** The process that has it. */
  readonly pid: number;

  constructor(file: string, pid: number) {
    const who = pid === process.pid ? "another disk of this process" : `process ${pid}`;
    super(
      "ERR_DISK_LOCKED",
      `${who} (pid ${pid}) has the folder open, says ${file}; stop it, or give this node a folder of its own`
    );
    this.pid = pid;
  }
}

/**
 * When this is handed over, the file system refused: no permission, no space, no such place. `cause` is what it said.
 */
export class DiskPathError extends EffectsError {
  /** The path that it is about. */
  readonly path: string;

  constructor(doing: string, path: string, cause: unknown) {
    super(
      "ERR_DISK_PATH",
      `could not ${doing} ${path}: ${cause instanceof Error ? cause.message : String(cause)}; ${advice(cause)}`,
      { cause }
    );
    this.path = path;
  }
}

/** When this is thrown, a record or a chunk is larger than the log takes. */
export class RecordTooLargeError extends EffectsError {
  constructor(what: string, bytesMax: number, bytes: number) {
    super(
      "ERR_RECORD_TOO_LARGE",
      `expected a ${what} of at most ${bytesMax} bytes, got ${bytes}; cut it into smaller ones`
    );
  }
}

/** When this is handed over, more jobs wait for a thread than the pool lets wait. */
export class ComputeBusyError extends EffectsError {
  constructor(job: string, jobsMax: number) {
    super(
      "ERR_COMPUTE_BUSY",
      `expected at most ${jobsMax} jobs to wait for a thread, got one more, ${JSON.stringify(job)}; ` +
        "try it again later, or give the pool more threads"
    );
  }
}

function advice(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return "let the user that runs this node own the folder, or choose another one";
    case "ENOSPC":
    case "EDQUOT":
      return "make space on the disk, then restart the node";
    case "EROFS":
      return "mount the file system for writing, or choose another folder";
    case "ENOTDIR":
    case "EEXIST":
      return "a file stands where a folder is needed: move it away, or choose another folder";
    default:
      return "see that the path is on a working disk, then restart the node";
  }
}

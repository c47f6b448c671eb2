/**
 * Machine under `void dev`: files and ports of a cluster, and processes.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { type Clauses, type Eff, type Effect, effect, suspend } from "@void-system/effects/fibers";
import { DiskLockedError, lockFolder } from "@void-system/effects/node";
import { fromPromise } from "@void-system/effects/world";
import { type ProvisionOptions, type ProvisionedCluster, type ProvisionedNode, makeFolder, provision } from "./provision.ts";
import { AlreadyRunningError, FolderError } from "../errors.ts";

/** A process that was started. */
export interface Child {
  readonly pid: number;
  /** Waits for its end, and returns its exit code or signal. */
  readonly ended: () => Eff<never, string>;
  /** Sends it a signal, if it is still there. */
  readonly kill: (signal: "SIGTERM" | "SIGKILL") => void;
}

/** Operations of the machine. */
export interface MachineOperations {
  /** Locks a folder for this process, and returns the function that unlocks it. Throws when another process holds it. */
  hold(folder: string): () => void;
  /** Makes what is missing of a cluster's keys, configurations and folders. */
  provision(options: ProvisionOptions): ProvisionedCluster;
  /** Starts a node as a process that ends with this one. */
  start(node: ProvisionedNode): Child;
}

/** The machine, as an effect: this one, or one in a test. */
export const Machine: Effect<"void.machine", MachineOperations> = /* @__PURE__ */ effect<MachineOperations>()("void.machine");

/** This machine. */
export const thisMachine: Clauses<MachineOperations, never> = {
  hold: (folder) => {
    makeFolder(folder);
    try {
      return lockFolder(folder);
    } catch (error) {
      throw error instanceof DiskLockedError ? new AlreadyRunningError(folder, [error.pid]) : new FolderError(folder, error);
    }
  },
  provision: (options) => fromPromise(() => provision(options)),
  start: ({ folder, configFile }) => {
    const log = openSync(join(folder, "node.log"), "a", 0o600);
    // The pipe is how a node learns that this process is gone, however it went.
    const child = spawn(process.execPath, [process.argv[1] ?? "", "node", "--config", configFile, "--until-stdin-ends"], {
      stdio: ["pipe", log, log],
    });
    closeSync(log);
    child.stdin?.on("error", () => undefined);
    const waiting = new Set<(how: string) => void>();
    let how: string | undefined;
    const end = (ending: string): void => {
      how ??= ending;
      for (const tell of waiting) tell(how);
      waiting.clear();
    };
    child.once("error", (error) => end(error.message)).once("exit", (code, signal) => end(signal ?? `exit code ${code}`));
    return {
      pid: child.pid ?? 0,
      kill: (signal) => void child.kill(signal),
      ended: () =>
        suspend<string>((resume) => {
          if (how !== undefined) return resume(how);
          waiting.add(resume);
          return () => void waiting.delete(resume);
        }),
    };
  },
};

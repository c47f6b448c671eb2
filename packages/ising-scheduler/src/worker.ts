import { extend } from "./cluster/extend.ts";
import type { Parts } from "./cluster/parts.ts";
import { adopt } from "./compile/compile.ts";
import type { Held } from "./compile/compile.ts";
import type { SchedulingResult } from "./result.ts";
import type { SolveOptions } from "./run.ts";
import { solveInTurns } from "./solve.ts";

/**
 * A search for `solveAsync`, in a thread of its own: a worker of node:worker_threads or a Web Worker. It does one search
 * for each job, and the message "abort" ends the search that is running.
 */

/** Asks for a search. */
export interface Job {
  readonly held: Held;
  /** The part of the problem that `/cluster` added. */
  readonly parts: unknown;
  readonly options: Omit<SolveOptions, "signal" | "onImprove">;
}

/** Answer of a worker. */
export type Answer = { readonly result: SchedulingResult } | { readonly error: unknown };

interface Port {
  addEventListener(event: "message", listener: (event: { readonly data: Job | "abort" }) => void): void;
  /** Node's ports deliver nothing before this. */
  start?(): void;
  postMessage(answer: Answer): void;
}

function whole({ held, parts }: Job): Held {
  // Only compile() of `/cluster` makes parts.
  return parts === undefined ? held : { ...held, problem: extend(held.problem, parts as Parts) };
}

function isPort(value: unknown): value is Port {
  return typeof value === "object" && value !== null && "postMessage" in value && "addEventListener" in value;
}

// In a Web Worker the global object is the port. Elsewhere nobody listens.
const candidates: readonly unknown[] = [globalThis.process?.getBuiltinModule?.("node:worker_threads").parentPort, globalThis];
const port = candidates.find(isPort);
let controller = new AbortController();

port?.addEventListener("message", ({ data }) => {
  if (data === "abort") {
    controller.abort();
    return;
  }
  controller = new AbortController();
  solveInTurns(adopt(whole(data)), { ...data.options, signal: controller.signal }).then(
    (result) => port?.postMessage({ result }),
    (error: unknown) => port?.postMessage({ error }),
  );
});
port?.start?.();

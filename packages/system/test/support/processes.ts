/**
 * The built `void` command as real processes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { type ClusterNode, readClusterFile } from "../../src/cli/cluster-file.ts";

/** The file behind the `void` command. */
export const VOID_COMMAND: string = join(import.meta.dirname, "..", "..", "bin", "void.js");
if (!existsSync(join(import.meta.dirname, "..", "..", "dist", "cli.js"))) throw new Error("the command is not built: npm run build:js");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `void …` to its end. */
export function runVoid(words: readonly string[], options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [VOID_COMMAND, ...words], { stdio: ["ignore", "pipe", "pipe"], cwd: options.cwd, env: { ...process.env, ...options.env } });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (bytes) => (stdout += bytes));
    child.stderr.on("data", (bytes) => (stderr += bytes));
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Starts `void …`, whose standard output goes into a pipe, or to an open file. */
export function startVoid(words: readonly string[], stdout: "pipe" | number = "pipe"): ChildProcess {
  return spawn(process.execPath, [VOID_COMMAND, ...words], { stdio: ["ignore", stdout, "pipe"] });
}

/** `void dev` in a folder of its own. */
export class Cluster {
  readonly folder: string = mkdtempSync(join(tmpdir(), "void-test-"));
  readonly #others: ChildProcess[] = [];
  readonly #clients: Redis[] = [];
  #dev: ChildProcess | undefined;
  output = "";

  /** Resolves when it has printed `ready`. */
  async start(): Promise<void> {
    const dev = spawn(process.execPath, [VOID_COMMAND, "dev", "--dir", this.folder], { stdio: ["ignore", "pipe", "pipe"] });
    this.#dev = dev;
    await new Promise<void>((resolve, reject) => {
      dev.stdout.on("data", (bytes) => {
        this.output += bytes;
        if (/^ready$/m.test(this.output)) resolve();
      });
      dev.stderr.on("data", (bytes) => (this.output += bytes));
      dev.on("close", (code) => reject(new Error(`void dev ended with ${code}:\n${this.output}`)));
    });
  }

  get nodes(): readonly ClusterNode[] {
    return readClusterFile(this.folder).nodes;
  }

  get token(): string {
    return readFileSync(join(this.folder, "admin.token"), "utf8").trim();
  }

  client(index: number): Redis {
    const client = new Redis({ port: this.nodes[index]!.resp, password: this.token, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    client.on("error", () => undefined);
    this.#clients.push(client);
    return client;
  }

  async status(index: number): Promise<Record<string, unknown> | undefined> {
    return fetch(`http://127.0.0.1:${this.nodes[index]!.http}/status`).then(
      (response) => response.json() as Promise<Record<string, unknown>>,
      () => undefined,
    );
  }

  kill(index: number): void {
    process.kill(this.nodes[index]!.pid, "SIGKILL");
  }

  /** `void node`, as the message of `void dev` says; resolves when it serves. */
  async restart(index: number): Promise<void> {
    const child = spawn(process.execPath, [VOID_COMMAND, "node", "--config", this.nodes[index]!.config], { stdio: ["ignore", "pipe", "pipe"] });
    this.#others.push(child);
    let output = "";
    await new Promise<void>((resolve, reject) => {
      child.stdout.on("data", (bytes) => {
        output += bytes;
        if (output.includes(") runs")) resolve();
      });
      child.stderr.on("data", (bytes) => (output += bytes));
      child.on("close", (code) => reject(new Error(`void node ended with ${code}:\n${output}`)));
    });
  }

  /** Ctrl-C, which comes twice when both the terminal and npm pass it on; resolves with the exit code of `void dev`. */
  async interrupt(): Promise<number | null> {
    const dev = this.#dev;
    if (!dev || dev.exitCode !== null) return dev?.exitCode ?? null;
    const closed = new Promise<number | null>((resolve) => dev.once("close", resolve));
    dev.kill("SIGINT");
    dev.kill("SIGINT");
    setImmediate(() => dev.kill("SIGINT"));
    return closed;
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    for (const child of this.#others) child.kill("SIGKILL");
    await this.interrupt();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Asks again until the answer is good. Progress is what is waited for, so the test's own timeout is the bound. */
export async function until<T>(ask: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isGood(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

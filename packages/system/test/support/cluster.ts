/**
 * A cluster that is no cluster: processes, HTTP and RESP by a script, on a machine that goes on step by step.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clauses, type Eff, suspend } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import type { CommandNeeds } from "../../src/cli/command.ts";
import { Console, type ConsoleOperations } from "../../src/cli/console.ts";
import { type Child, Machine, type MachineOperations } from "../../src/cli/machine.ts";
import { Signals } from "../../src/cli/signals.ts";
import type { ProvisionedNode } from "../../src/cli/provision.ts";
import { AlreadyRunningError, CommandError } from "../../src/errors.ts";
import { Http, type HttpOperations } from "../../src/clients/http-client.ts";
import type { ListenAddress } from "../../src/listen.ts";
import { Redis, type RedisOperations, type Word } from "../../src/clients/redis-client.ts";
import type { Steps } from "./steps.ts";

/** How a scripted cluster behaves. */
export interface Script {
  /** Questions for its status that a node answers with "not ready". */
  readonly notReady?: number;
  /** The node that ends by itself when it was asked so often. */
  readonly dies?: { readonly node: string; readonly afterQuestions: number };
  /** The node that does not heed SIGTERM. */
  readonly stubborn?: string;
  /** Nodes that answer no question. */
  readonly silent?: readonly string[];
  /** What listens instead of a node, and answers with this. */
  readonly foreign?: Readonly<Record<string, unknown>>;
  /** What nodes answer commands with, before they obey: an error, or a refusal in their own words. */
  readonly answers?: (Error | string)[];
}

interface Process {
  readonly id: string;
  /** It was told to end. */
  isEnding: boolean;
  /** How it ended. */
  end: string | undefined;
  readonly waiting: Set<(how: string) => void>;
}

export class ScriptedCluster {
  /** What was begun and ended, in order. */
  readonly trace: string[] = [];
  readonly told: string[] = [];
  readonly printed: unknown[] = [];
  /** The same, as people are shown it. */
  readonly lines: string[] = [];
  /** What the cluster holds. */
  readonly values: Map<string, string> = new Map();
  /** Who was spoken to. */
  readonly ports: number[] = [];
  /** Nodes that there is a connection to. */
  readonly connected: Set<number> = new Set();
  folder: string = "";
  readonly #steps: Steps;
  readonly #script: Script;
  readonly #processes = new Map<string, Process>();
  readonly #interrupted: Set<() => void> = new Set();
  readonly #held = new Set<string>();
  #questions = 0;

  constructor(steps: Steps, script: Script = {}) {
    this.#steps = steps;
    this.#script = script;
  }

  /** A command's program, on this machine. */
  run<A>(program: () => Eff<CommandNeeds, A>): Eff<never, A> {
    const interrupted = (): Eff<never, void> =>
      suspend<void>((resume) => {
        this.#interrupted.add(resume);
        return () => void this.#interrupted.delete(resume);
      });
    const timed = () => Clock.handle(this.#steps, program);
    const shown = () => Console.handle(this.#console(), timed);
    const asking = () => Http.handle(this.#http(), shown);
    const speaking = () => Redis.handle(this.#redis(), asking);
    const working = () => Machine.handle(this.#machine(), speaking);
    return Signals.handle({ interrupted, hungUp: () => suspend<void>(() => undefined), stdinEnded: () => suspend<void>(() => undefined) }, working);
  }

  /** Ctrl-C, for a program that waits for it. */
  interrupt(): void {
    for (const resume of this.#interrupted) resume();
  }

  /** Ends a process as if by itself. */
  end(id: string, how: string): void {
    const process = this.#processes.get(id);
    if (!process || process.end !== undefined) return;
    process.end = how;
    this.trace.push(`end ${id}`);
    for (const tell of process.waiting) tell(how);
  }

  #console(): Clauses<ConsoleOperations, never> {
    return {
      print: (value, lines) => {
        this.printed.push(value);
        this.lines.push(...lines);
      },
      tell: (line) => void this.told.push(line),
      bar: () => {
        this.trace.push("start bar");
        return { update: () => undefined, stop: () => this.trace.push("end bar") };
      },
    };
  }

  #machine(): Clauses<MachineOperations, never> {
    return {
      hold: (folder) => {
        if (this.#held.has(folder)) throw new AlreadyRunningError(folder, [1]);
        this.#held.add(folder);
        this.trace.push("start hold");
        return () => {
          this.#held.delete(folder);
          this.trace.push("end hold");
        };
      },
      provision: ({ folder, nodes }) =>
        this.#steps.happen(() => {
          this.folder = folder;
          mkdirSync(folder, { recursive: true });
          const adminTokenFile = join(folder, "admin.token");
          writeFileSync(adminTokenFile, "admin\n");
          return { adminTokenFile, nodes: Array.from({ length: nodes }, (_, index) => nodeOf(folder, index)) };
        }),
      start: ({ id, folder }) => {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, "node.log"), `the log of ${id}\n`);
        return this.#start(id);
      },
    };
  }

  #start(id: string): Child {
    const process: Process = { id, isEnding: false, end: undefined, waiting: new Set() };
    this.#processes.set(id, process);
    this.trace.push(`start ${id}`);
    return {
      pid: 1_000 + this.#processes.size,
      ended: () =>
        suspend<string>((resume) => {
          if (process.end !== undefined) return resume(process.end);
          process.waiting.add(resume);
          return () => void process.waiting.delete(resume);
        }),
      kill: (signal) => {
        if (process.isEnding || (signal === "SIGTERM" && this.#script.stubborn === id)) return;
        process.isEnding = true;
        this.#steps.schedule(10, () => this.end(id, signal));
      },
    };
  }

  #http(): Clauses<HttpOperations, never> {
    return {
      json: (url) =>
        this.#steps.wait(() => {
          const id = `node${Number(new URL(url).port) % 100}`;
          if (this.#script.foreign && id in this.#script.foreign) return this.#script.foreign[id];
          if (this.#script.silent?.includes(id)) throw new TypeError("fetch failed");
          const { notReady = 0, dies } = this.#script;
          this.#questions++;
          if (dies && this.#questions > dies.afterQuestions) this.end(dies.node, "SIGSEGV");
          const isReady = this.#questions > notReady && this.#processes.get(id)?.end === undefined;
          return { nodeId: id, ready: isReady, pid: 0, executed: 7, stateDigest: "d", placement: JSON.parse(this.values.get("void/placement") ?? "{}"), capacity: { concurrency: 100 } };
        }),
    };
  }

  #redis(): Clauses<RedisOperations, never> {
    return {
      send: ({ port }, command, words) =>
        this.#steps.wait(() => {
          this.ports.push(port);
          this.connected.add(port);
          const answer = this.#script.answers?.shift();
          if (typeof answer === "string") throw new CommandError(command, answer);
          if (answer) throw answer;
          return this.#obey(command, words.map(String));
        }),
      leave: ({ port }) => void this.connected.delete(port),
    };
  }

  #obey(command: string, [first = "", ...rest]: readonly string[]): unknown {
    const value = (key: string): Word | null => this.values.get(key) ?? null;
    switch (command) {
      case "GET":
        return value(first);
      case "MGET":
        return [first, ...rest].map(value);
      case "SET":
        this.values.set(first, rest[0] ?? "");
        return "OK";
      case "MSET":
        for (let at = 0, words = [first, ...rest]; at < words.length; at += 2) this.values.set(words[at] ?? "", words[at + 1] ?? "");
        return "OK";
      default:
        throw new Error(`no such command here: ${command}`);
    }
  }
}

function nodeOf(folder: string, index: number): ProvisionedNode {
  const id = `node${index}`;
  const at = (face: number): ListenAddress => ({ host: "127.0.0.1", port: face + index });
  const config = { nodeId: id, replicaIds: [id], link: at(7_000), resp: at(6_000), http: at(8_000) };
  return { id, folder: join(folder, id), configFile: join(folder, id, "config.json"), config };
}

/** State transfer ends, beside a server that is silent or lies, and while the state moves. */
import { digest } from "@void-system/crypto";
import { peerId, verified } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { chunkHash, encodeManifest, manifestDigest } from "../../src/codec/manifest.ts";
import type { Message, StableAnswer } from "../../src/codec/message.ts";
import { signCheckpoint, signStatus } from "../../src/codec/signed.ts";
import { configuration } from "../../src/configuration.ts";
import { CHUNKS_OUTSTANDING_MAX } from "../../src/limits.ts";
import { ReplicaCore } from "../../src/protocol/replica-core.ts";
import { Sessions } from "../../src/protocol/sessions.ts";
import { testPorts } from "../support/cluster.ts";

const names = ["a", "b", "c", "d"];
const cluster = configuration({ replicas: names, checkpointInterval: 1 });
const by = (name: string) => ({ cluster, index: names.indexOf(name), ports: testPorts(name) });
const STATUS_MS = 500;
const STEP_MS = 10;

interface Served {
  readonly chunks: readonly Uint8Array[];
  readonly stable: StableAnswer;
}

interface Run {
  /** Chunks of the state. */
  readonly count: number;
  /** Number of them that change with each checkpoint, which comes each 1.28 s. */
  readonly changing?: number;
  /** A server that never answers a question for a chunk, or answers with another one. */
  readonly bad?: { readonly name: string; readonly how: "silent" | "lies" };
  readonly limitMs?: number;
}

interface Outcome {
  /** Virtual time until the state was there, or Infinity. */
  readonly doneMs: number;
  /** Questions for chunks, by whom they were asked of. */
  readonly asked: ReadonlyMap<string, number>;
  /** Servers that the replica has named. */
  readonly named: ReadonlySet<unknown>;
}

const word = (index: number, version: number): Uint8Array => new Uint8Array(new Uint32Array([index, version]).buffer);

/** Replica b transfers a state of many small chunks from a, c and d, over links without delay. */
function transfer({ count, changing = 0, bad, limitMs = 20_000 }: Run): Outcome {
  let nowMs = 0;
  let held: readonly Uint8Array[] = [];
  const machine = {
    apply: (batch: readonly unknown[]) => batch.map(() => new Uint8Array(0)),
    root: () => new Uint8Array(32),
    snapshot: () => ({ chunks: held.length, chunk: (index: number) => held[index]!, release: () => undefined }),
    restore: (chunks: Iterable<Uint8Array>) => void (held = [...chunks]),
  };
  const core = new ReplicaCore({ cluster, self: peerId("b"), ports: testPorts("b"), machine, tuning: { statusMs: STATUS_MS, pipeline: 1 } });
  const sessions = new Sessions(1_024).encode();
  let state = Array.from({ length: count }, (_, index) => word(index, 0));
  let sequence = 4;
  let next = 0;
  const served = new Map<number, Served>();
  const publish = (): void => {
    const chunks = [...sessions, ...state];
    const hashes = chunks.map((chunk) => chunkHash(digest, chunk));
    const time = { physicalMs: sequence, logical: 0, proposer: 0 };
    const manifest = encodeManifest({ configuration: cluster.record, sequence, time, root: new Uint8Array(32), sessionChunks: sessions.length, hashes });
    const root = manifestDigest(digest, sequence, manifest);
    const votes = ["a", "c", "d"].map((name) => ({ sender: names.indexOf(name), signature: signCheckpoint(by(name), sequence, root).signature }));
    served.set(sequence, { chunks, stable: { type: "stable", certificate: { sequence, digest: root, votes }, manifest } });
    for (const old of served.keys()) if (old <= sequence - 2) served.delete(old);
  };

  const asked = new Map<string, number>();
  const named = new Set<unknown>();
  const queue: { readonly to: string; readonly message: Message }[] = [];
  let tickAtMs = Infinity;
  const step = (input: Parameters<ReplicaCore["step"]>[0]): void => {
    for (const output of core.step(input, { wallMs: 1_000_000 + nowMs, monotonicMs: nowMs })) {
      if (output.type === "send" && typeof output.to === "string") queue.push({ to: output.to, message: output.message });
      else if (output.type === "timer" && output.name === "status") tickAtMs = output.delayMs === "cancel" ? Infinity : nowMs + output.delayMs;
      else if (output.type === "report") named.add((output.fields as { from?: string; peer?: string }).from ?? (output.fields as { peer?: string }).peer);
    }
  };
  const hear = (from: string, message: Message): void => step({ type: "message", from: peerId(from), message: verified(message) });
  const answer = (to: string, message: Message): Message | undefined => {
    if (message.type === "fetch-slots") return served.get(sequence)?.stable;
    if (message.type !== "fetch-chunk") return undefined;
    asked.set(to, (asked.get(to) ?? 0) + 1);
    if ((asked.get(to) ?? 0) > 10 * count) throw new Error(`${to} is asked without end`);
    if (to === bad?.name && bad.how === "silent") return undefined;
    const found = served.get(message.sequence);
    if (found === undefined) return served.get(sequence)?.stable;
    const bytes = to === bad?.name ? Uint8Array.of(1) : found.chunks[message.index]!;
    return { type: "chunk", sequence: message.sequence, index: message.index, bytes };
  };
  const tellStatus = (): void => {
    const standing = { view: 0, changing: false, complaining: false, stable: sequence, lastExecuted: sequence, slots: [] };
    for (const name of ["a", "c", "d"]) hear(name, signStatus(by(name), standing));
  };

  core.start(true, { wallMs: 1_000_000, monotonicMs: 0 });
  publish();
  tellStatus();
  hear("c", served.get(sequence)!.stable);
  for (let checkpointAtMs = 1_280; nowMs < limitMs; nowMs += STEP_MS) {
    if (nowMs >= tickAtMs) step({ type: "timer", name: "status" });
    for (let asks = queue.shift(); asks !== undefined; asks = queue.shift()) {
      const reply = answer(asks.to, asks.message);
      if (reply !== undefined) hear(asks.to, reply);
    }
    if (core.standing().lastExecuted >= sequence) return { doneMs: nowMs, asked, named };
    if (nowMs < checkpointAtMs) continue;
    checkpointAtMs += 1_280;
    sequence += 1;
    state = [...state];
    for (let change = 0; change < changing; change += 1, next += 7) state[next % count] = word(next % count, sequence);
    publish();
    tellStatus();
  }
  return { doneMs: Infinity, asked, named };
}

const questions = ({ asked }: Outcome): number => [...asked.values()].reduce((sum, count) => sum + count, 0);

describe("a transfer", () => {
  test("asks for each chunk once when all answer", () => {
    const outcome = transfer({ count: 2_000 });
    expect(outcome.doneMs).toBe(0);
    expect(questions(outcome)).toBe(2_001);
    expect([...outcome.named].filter((name) => name !== undefined)).toEqual([]);
  });

  test("loses one timeout to a server that is silent, names it, and asks it last", () => {
    const outcome = transfer({ count: 2_000, bad: { name: "d", how: "silent" } });
    // Before the next checkpoint, which would begin another transfer.
    expect(outcome.doneMs).toBeLessThanOrEqual(2 * STATUS_MS + STEP_MS);
    expect(outcome.asked.get("d")).toBe(CHUNKS_OUTSTANDING_MAX);
    expect(outcome.named).toContain("d");
  });

  test("loses nothing to a server that lies, and names it", () => {
    const outcome = transfer({ count: 2_000, bad: { name: "d", how: "lies" } });
    expect(outcome.doneMs).toBe(0);
    expect(outcome.asked.get("d")).toBeLessThanOrEqual(CHUNKS_OUTSTANDING_MAX);
    expect(outcome.named).toContain("d");
  });

  test("ends while the state moves, also beside a server that is silent", () => {
    for (const bad of [undefined, { name: "d", how: "silent" }, { name: "a", how: "lies" }] as const) {
      const outcome = transfer({ count: 1_000, changing: 64, ...(bad && { bad }) });
      expect(outcome.doneMs, bad?.how).toBeLessThanOrEqual(4 * STATUS_MS);
    }
  });
});

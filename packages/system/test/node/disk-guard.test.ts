import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Disk, type Recovered, memoryDisk, peerId } from "@void-system/effects";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { VoidSystem } from "../../src/boot/void-system.ts";
import { EmptyDiskError } from "../../src/errors.ts";
import { DiskGuard } from "../../src/node/disk-guard.ts";
import { NOT_COMPARED, type PeerReport } from "../../src/node/peer-report.ts";
import { Steps } from "../support/steps.ts";

const replicas = ["a", "b", "c", "d"].map(peerId);
const [, b, c, d] = replicas as [never, ReturnType<typeof peerId>, ReturnType<typeof peerId>, ReturnType<typeof peerId>];
const report: PeerReport = { rootKeyId: NOT_COMPARED, configId: "01".repeat(8), wallMs: 0, executed: 70, hasVoted: true, isEmptied: false, voters: [] };
const knowsMe: PeerReport = { ...report, voters: [0, 1] };

/** The guard of replica `a`, on a disk that may have a past. */
function guarded({ steps = new Steps(), disk = memoryDisk(steps), emptyDisk = false, f = 1 }: { steps?: Steps; disk?: Disk; emptyDisk?: boolean; f?: number } = {}) {
  const [onChange, onWait] = [vi.fn<() => void>(), vi.fn<() => void>()];
  const guard = new DiskGuard({
    disk, clock: steps, self: 0, replicas, f, window: 256, configId: report.configId, emptyDisk, onChange, onWait,
    fatal: (cause) => {
      throw cause;
    },
  });
  const opened: (Recovered | Error)[] = [];
  guard.open("pbft", (result) => opened.push(result));
  const settle = (): void => {
    while (steps.step());
  };
  return { guard, opened, settle, onChange, onWait, steps, disk };
}

describe("an empty folder", () => {
  test("is a new replica's once so many peers know nothing of it that f+1 cannot know of it", () => {
    const { guard, opened, settle, onChange, onWait } = guarded();
    settle();
    expect([opened.length, guard.isWaiting, guard.hasVoted]).toEqual([0, true, false]);
    expect(onWait).toHaveBeenCalledOnce();
    guard.hear(b, report);
    settle();
    expect(opened).toHaveLength(0);
    guard.hear(c, report);
    settle();
    expect(opened).toMatchObject([{ fresh: true }]);
    expect([guard.isWaiting, guard.hasVoted, guard.voters]).toEqual([false, true, [1, 2]]);
    expect(onChange).toHaveBeenCalledOnce();
  });

  test("is refused when f+1 peers say that the replica has voted, with what to do", () => {
    const { guard, opened, settle } = guarded();
    settle();
    guard.hear(b, knowsMe);
    guard.hear(c, report);
    settle();
    expect(opened).toHaveLength(0);
    guard.hear(d, knowsMe);
    settle();
    expect(opened).toEqual([expect.any(EmptyDiskError)]);
    expect(String(opened[0])).toMatch(/b, d say that a has voted.*Bring the folder back.*--empty-disk/s);
    expect(guard.hasVoted).toBe(false);
  });

  test("waits for no peer of another configuration, and believes none", () => {
    const { guard, opened, settle } = guarded();
    settle();
    for (const id of [b, c, d]) guard.hear(id, { ...knowsMe, configId: "02".repeat(8) });
    guard.hear(peerId("stranger"), report);
    settle();
    expect(opened).toHaveLength(0);
  });

  test("is taken by the operator's word, which makes the replica faulty until a checkpoint behind its old votes", () => {
    const { guard, opened, settle } = guarded({ emptyDisk: true });
    settle();
    guard.hear(b, knowsMe);
    guard.hear(c, knowsMe);
    settle();
    expect(opened).toHaveLength(0);
    // Said while it waits, so that of two that wait neither begins.
    expect(guard.isEmptied).toBe(true);
    guard.hear(d, { ...knowsMe, executed: 100 });
    settle();
    expect(opened).toMatchObject([{ fresh: true }]);
    expect(guard.isEmptied).toBe(true);
    guard.reached(356);
    expect(guard.isEmptied).toBe(true);
    guard.reached(357);
    expect(guard.isEmptied).toBe(false);
  });

  test.each([
    ["another one is empty already", 1],
    ["none may be faulty", 0],
  ])("is not taken by the operator's word when %s", (_, f) => {
    const { guard, opened, settle } = guarded({ emptyDisk: true, f });
    settle();
    guard.hear(b, { ...knowsMe, isEmptied: f > 0 });
    settle();
    expect(String(opened[0])).toMatch(/at most f = [01] replicas may forget/);
  });
});

const folder = mkdtempSync(join(tmpdir(), "void-guard-"));
const systems: VoidSystem[] = [];
afterEach(async () => {
  await Promise.all(systems.splice(0).map((system) => system.stop(0).catch(() => undefined)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start(nodeId: string, more: object = {}): Promise<VoidSystem> {
  const system = new VoidSystem({ nodeId, replicaIds: ["a", "b", "c", "d"], dataDirectory: join(folder, nodeId), logLevel: "silent", ...more });
  systems.push(system);
  await system.initialize();
  return system;
}

test("four replicas start anew and again; one whose folder is gone is refused, and is red everywhere by the operator's word", async () => {
  const first = await Promise.all(replicas.map((id) => start(id)));
  await first[0]!.set("k", "v");
  await Promise.all(first.map((system) => system.stop()));

  // They remember each other's votes over a restart of all.
  rmSync(join(folder, "d"), { recursive: true });
  const [one] = await Promise.all(replicas.slice(0, 3).map((id) => start(id)));
  const refused = await start("d").then((system) => system.ended, (error: unknown) => error);
  expect(String(refused)).toMatch(/data folder is empty/);
  // And once more: the failed start has left no trace that would let it pass.
  expect(String(await start("d").then((system) => system.ended, (error: unknown) => error))).toMatch(/data folder is empty/);

  const emptied = await start("d", { emptyDisk: true });
  await vi.waitFor(() => expect(one!.health().problems).toMatchObject([{ name: "disk-emptied", about: "d", level: "red" }]), { timeout: 10_000 });
  expect(one!.health().ok).toBe(true);
  expect(emptied.health()).toMatchObject({ ok: false, problems: [{ name: "disk-emptied", about: "d" }] });
  await vi.waitFor(async () => expect(await emptied.get("k")).toBe("v"), { timeout: 10_000 });
  await emptied.stop();
  // The word may stay as long as the replica is not whole again; others whose folder is there must not have it.
  await (await start("d", { emptyDisk: true })).stop();
  await first[0]!.stop();
  await one!.stop();
  expect(String(await start("a", { emptyDisk: true }).catch((error: unknown) => error))).toMatch(/data folder is not empty/);
}, 60_000);

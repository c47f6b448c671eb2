import { describe, expect, test } from "vitest";
import { NOT_COMPARED } from "../../src/node/peer-report.ts";
import { type Facts, type Problem, problemsOf } from "../../src/node/problems.ts";

const same = { rootKeyId: "01".repeat(8), configId: "02".repeat(8), isEmptied: false };
const peer = { ...same, offsetMs: 3 };
const sound: Facts = {
  self: "n1",
  isVolatile: false,
  f: 1,
  driftMs: 5_000,
  report: same,
  replicas: new Map([["n2", peer], ["n3", peer], ["n4", peer]]),
  refusesTimes: false,
  clientRefusal: undefined,
  lies: [],
  isWaiting: false,
  disk: { freeBytes: 50e9, totalBytes: 100e9, stateBytes: 1e6 },
  state: { liveBytes: 1e6, maxStateBytes: 2 ** 30 },
};
const peers = (...changes: readonly object[]): Pick<Facts, "replicas"> => ({
  replicas: new Map(changes.map((change, index) => [`n${index + 2}`, { ...peer, ...change }])),
});
const shown = (facts: Partial<Facts>): readonly string[] => problemsOf({ ...sound, ...facts }).map(({ level, name, about }: Problem) => `${level} ${name} ${about}`);

test("a sound node has none", () => {
  expect(shown({})).toEqual([]);
  expect(shown({ replicas: new Map(), disk: undefined, state: undefined })).toEqual([]);
});

describe("what differs", () => {
  const other = { rootKeyId: "ff".repeat(8) };

  test("from f+1 peers is wrong here, from fewer it is wrong there", () => {
    expect(shown(peers(other, other, {}))).toEqual(["red root-key-differs n1"]);
    expect(shown(peers({}, other, {}))).toEqual(["red root-key-differs n3"]);
    expect(shown(peers({ configId: "ff".repeat(8) }, {}, { configId: "fe".repeat(8) }))).toEqual(["red config-differs n1"]);
  });

  test("is not held against a key that a node has made for itself", () => {
    expect(shown(peers({ rootKeyId: NOT_COMPARED }, {}, {}))).toEqual([]);
    expect(shown({ report: { ...same, rootKeyId: NOT_COMPARED } })).toEqual([]);
  });

  test("is said with what to do", () => {
    expect(problemsOf({ ...sound, ...peers(other, other, other) })[0]?.message).toMatch(/differs from that of n2, n3, n4.*rootKeyFile/);
  });
});

describe("a clock", () => {
  const hour = 3_600_000;

  test.each([
    ["ahead", -hour, /3600\.0 s ahead of the median of 3 peers/],
    ["behind", hour, /3600\.0 s behind the median of 3 peers/],
  ])("that is %s is red on its own node, and says by how much", (_, offsetMs, message) => {
    const [problem, ...more] = problemsOf({ ...sound, ...peers({ offsetMs }, { offsetMs: offsetMs + 10 }, { offsetMs: offsetMs - 10 }) });
    expect(problem).toMatchObject({ name: "clock-off", about: "n1", level: "red" });
    expect(problem?.message).toMatch(message);
    expect(more).toEqual([]);
  });

  test("of a peer is red there, and one liar turns nobody else red", () => {
    expect(shown(peers({ offsetMs: hour }, {}, {}))).toEqual(["red clock-off n2"]);
    expect(shown({ replicas: new Map([["n2", { ...peer, offsetMs: hour }]]) })).toEqual([]);
  });

  test("within the bound is no problem", () => {
    expect(shown(peers({ offsetMs: 4_000 }, { offsetMs: -4_000 }, { offsetMs: 100 }))).toEqual([]);
  });
});

test.each([
  ["no folder", { isVolatile: true }, "yellow volatile n1"],
  ["a replica that refuses every time", { refusesTimes: true }, "red refuses-every-time n1"],
  ["a client that the replicas refuse", { clientRefusal: "below the window" }, "red client-refused n1"],
  ["a replica that has lied", { lies: [{ culprit: "n3", kind: "commit" as const, view: 2, sequence: 9 }] }, "red replica-lied n3"],
  ["an empty folder that waits", { isWaiting: true }, "red waiting-for-peers n1"],
  ["an empty disk here", { report: { ...same, isEmptied: true } }, "red disk-emptied n1"],
  ["an empty disk there", peers({}, {}, { isEmptied: true }), "red disk-emptied n4"],
  ["a disk that is nearly full", { disk: { freeBytes: 9e9, totalBytes: 100e9, stateBytes: 0 } }, "yellow disk-space n1"],
  ["a disk that is full", { disk: { freeBytes: 60e6, totalBytes: 100e9, stateBytes: 0 } }, "red disk-space n1"],
  ["a state that is nearly full", { state: { liveBytes: 0.95 * 2 ** 30, maxStateBytes: 2 ** 30 } }, "yellow state-size n1"],
  ["a disk without room for a checkpoint", { disk: { freeBytes: 20e9, totalBytes: 100e9, stateBytes: 11e9 } }, "red disk-space n1"],
])("%s", (_, facts, expected) => {
  expect(shown(facts)).toEqual([expected]);
});

test("red ones come first", () => {
  expect(shown({ isVolatile: true, isWaiting: true })).toEqual(["red waiting-for-peers n1", "yellow volatile n1"]);
});

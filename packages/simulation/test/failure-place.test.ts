import { boots, Clock, Net } from "@void-system/effects/world";
import { peerId } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { explore, exploring, inTurns, type Scenario, type ScenarioParts } from "../src/index.ts";

const HERE = /failure-place\.test\.ts:\d+:\d+/;

/** Returns the line of this file that the first frame of an error shows. */
function lineOf(error: Error | undefined): string | undefined {
  const frame = error?.stack?.split("\n").find((line) => /^\s+at /.test(line));
  return HERE.exec(frame ?? "")?.[0].split(":")[1];
}

/** Returns the line of the caller in this file. */
function lineHere(): string | undefined {
  return lineOf({ name: "", message: "", stack: new Error("x").stack!.split("\n").filter((line) => !line.includes("lineHere")).join("\n") });
}

const to = peerId("b");
const scenario = (a: ScenarioParts["nodes"][string]): Scenario => () => ({ nodes: { a, b: ({ network }) => void network.onFrame(() => undefined) }, until: 100 });

describe("a finding shows where", () => {
  test("an operation was made that nobody performed", () => {
    let line: string | undefined;
    const finding = explore(scenario(boots(function* () {
      yield* Net.linked(to);
      line = lineHere(); Net.send(to, new Uint8Array(1));
    })), { seeds: 1 });
    expect(finding).toMatchObject({ found: { failure: { kind: "unperformed" } }, smallest: { failure: { message: expect.stringMatching(HERE) } } });
    for (const { failure } of [finding!.found, finding!.smallest]) expect(lineOf(failure.error)).toBe(line);
    expect(finding?.found.failure.message).toContain("keep a function: `() => Net.send(…)`");
  });

  test("a frame was sent whose bytes changed later", async () => {
    let line: string | undefined;
    const finding = await inTurns(exploring(scenario(boots(function* () {
      const buffer = new Uint8Array(1);
      yield* Net.linked(to);
      line = lineHere(); yield* Net.send(to, buffer);
      buffer[0] = (buffer[0] ?? 0) + 1;
    })), { seeds: 1 }));
    expect(finding).toMatchObject({ smallest: { failure: { kind: "frame", message: expect.stringMatching(HERE) } } });
    for (const { failure } of [finding!.found, finding!.smallest]) expect(lineOf(failure.error)).toBe(line);
  });

  test("a plain yield was written", () => {
    let line: string | undefined;
    const finding = explore(scenario(boots(function* () {
      yield* Clock.sleep(1);
      line = lineHere(); yield Clock.sleep(1) as never;
    })), { seeds: 1 });
    expect(finding).toMatchObject({ smallest: { failure: { kind: "node", name: "ERR_STRAY_YIELD" } } });
    for (const { failure } of [finding!.found, finding!.smallest]) {
      expect(lineOf(failure.error)).toBe(line);
      expect(lineOf(failure.error.cause as Error)).toBe(line);
    }
  });
});

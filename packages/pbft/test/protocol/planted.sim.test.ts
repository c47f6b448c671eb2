/** Bugs planted on purpose: what cannot see these cannot be trusted to see others. */
import { verified, type PeerId } from "@void-system/effects";
import { afterEach, expect, test, vi } from "vitest";
import { ReplicaCore, type ReplicaOutput } from "../../src/index.ts";
import { seeds } from "../support/seeds.ts";
import { ambush } from "../support/ambush.ts";

afterEach(() => void vi.restoreAllMocks());

type Step = ReplicaCore["step"];

/** Replaces `step` by one that may change what comes out. */
function plant(
  change: (
    outputs: readonly ReplicaOutput[],
    step: (...given: Parameters<Step>) => readonly ReplicaOutput[],
    now: Parameters<Step>[1],
  ) => readonly ReplicaOutput[],
): void {
  const { step } = ReplicaCore.prototype;
  vi.spyOn(ReplicaCore.prototype, "step").mockImplementation(function planted(this: ReplicaCore, input, now) {
    return change(step.call(this, input, now), (...given) => step.apply(this, given), now);
  });
}

/** Seeds at which something was found; outside of a search the first one is enough. */
function caught(usual: readonly number[]): string[] {
  const found: string[] = [];
  for (const seed of searched ?? usual) {
    const [first] = ambush(seed);
    if (first === undefined) continue;
    found.push(`${seed}: ${first}`);
    if (searched === undefined) break;
  }
  if (searched !== undefined) console.log(found.join("\n"));
  return found;
}

const searched = process.env["VOID_SEEDS"] === undefined ? undefined : seeds(1);

/*
 * The seeds below are such that the bug shows; they move with every change of the protocol. `VOID_SEEDS=1-300 npx vitest
 * run packages/pbft/test/protocol/planted.sim.test.ts --testTimeout 600000` looks for others. Of 60 seeds 7 show the COMMIT and 8
 * the PREPARE that leaves early; of 640 seeds 7 show the own vote, which needs the liar and the power cut together.
 */

test("a COMMIT that leaves before its record is durable is caught", () => {
  plant((outputs) =>
    outputs.map((output) =>
      output.type === "send" && output.message.type === "commit"
        ? { type: "send", to: output.to, message: output.message }
        : output,
    ),
  );
  expect(caught([5, 12, 31, 35, 40])).not.toEqual([]);
});

test("a PREPARE that leaves before its record is durable is caught", () => {
  plant((outputs) =>
    outputs.map((output) =>
      output.type === "send" && output.message.type === "prepare"
        ? { type: "send", to: output.to, message: output.message }
        : output,
    ),
  );
  expect(caught([5, 17, 24, 28, 40])).not.toEqual([]);
});

test("an own vote that counts before it is durable is caught", () => {
  plant((outputs, step, now) => {
    const all: ReplicaOutput[] = [];
    const queue = [...outputs];
    for (let output = queue.shift(); output; output = queue.shift()) {
      const own =
        output.type === "send" &&
        typeof output.to !== "string" &&
        (output.message.type === "prepare" || output.message.type === "commit") &&
        output.after !== undefined;
      all.push(output);
      if (own && output.type === "send")
        queue.push(...step({ type: "message", from: "r0" as PeerId, message: verified(output.message) }, now));
    }
    return all;
  });
  expect(caught([124, 148, 208, 392, 413])).not.toEqual([]);
});

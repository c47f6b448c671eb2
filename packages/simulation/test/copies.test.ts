/** Values handed over are copied, even a Buffer of Node.js, whose `slice` is a view. */
import { expect, test } from "vitest";
import { type Disk, inPlaceCompute, type Recovered } from "@void-system/effects";
import { Simulation } from "../src/index.ts";

function at(disk: Disk, then: (opened: Recovered) => void): void {
  disk.open("log", (opened) => {
    if (opened instanceof Error) throw opened;
    then(opened);
  });
}

test("a record", () => {
  const simulation = new Simulation({ seed: 1 });
  const found: string[] = [];
  const program = (simulated: Disk): void =>
    at(simulated, ({ log, records }) => {
      for (const kept of records) found.push(Buffer.from(kept).toString());
      const other = Buffer.from("kept");
      log.append(other);
      other.fill(0);
      log.sync(() => undefined);
    });
  simulation.node("a", (world) => program(world.disk));
  simulation.start("a");
  simulation.run({ untilMs: 100 });
  simulation.restart("a");
  simulation.run({ untilMs: 200 });
  expect(found).toEqual(["kept"]);
});

test("the input of a job", () => {
  const input = Buffer.from("kept");
  let output: Uint8Array | Error | undefined;
  let later: () => void = () => undefined;
  const compute = inPlaceCompute({ schedule: (_ms, wake) => ((later = wake), () => undefined) });
  compute.run({ name: "same", module: "", run: (bytes) => bytes }, input, (answer) => (output = answer));
  input.fill(0);
  later();
  expect(output).toEqual(new Uint8Array(Buffer.from("kept")));
});

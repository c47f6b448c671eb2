import { expect, test } from "vitest";
import { inPlaceCompute, type Job, JobFailedError, platformClock } from "../src/index.ts";

const module = import.meta.url;
const doubled: Job = { name: "doubled", module, run: (input) => input.map((byte) => byte * 2) };
const throwing: Job = {
  name: "throwing",
  module,
  run: () => {
    throw new Error("no");
  },
};
const answer = (job: Job): Promise<Uint8Array | Error> =>
  new Promise((resolve) => void inPlaceCompute(platformClock()).run(job, Uint8Array.of(5), resolve));

test("a job is answered from the event loop, and a throw becomes an error", async () => {
  expect(await answer(doubled)).toEqual(Uint8Array.of(10));
  expect(await answer(throwing)).toBeInstanceOf(JobFailedError);
});

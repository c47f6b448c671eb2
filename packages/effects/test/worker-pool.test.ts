import { afterAll, describe, expect, test } from "vitest";
import { type Compute, type Job, JobFailedError } from "../src/index.ts";
import { ComputeBusyError, workerPool } from "../src/node/index.ts";

const module = new URL("jobs.mjs", import.meta.url).href;
const never = (): never => {
  throw new Error("not on this thread");
};
const threadJob = (name: string): Job => ({ name, module, run: never });
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const answer = (compute: Compute, job: Job, input: Uint8Array): Promise<Uint8Array | Error> =>
  new Promise((resolve) => void compute.run(job, input, resolve));

describe("threads", () => {
  const pool = workerPool({ threads: 2, jobsWaitingMax: 2 });
  afterAll(() => pool.close());

  test("run a job by its module and name, over a copy", async () => {
    const backing = bytes(9, 4, 5, 9);
    const answered = answer(pool, threadJob("doubled"), backing.subarray(1, 3));
    backing.fill(0);
    expect(await answered).toEqual(bytes(8, 10));
  });

  test("a job that throws, one that is not there, and a thread that dies are errors; the next job runs", async () => {
    for (const name of ["failing", "missing", "dying"])
      expect(await answer(pool, threadJob(name), bytes(1)), name).toBeInstanceOf(JobFailedError);
    expect(await answer(pool, threadJob("doubled"), bytes(1))).toEqual(bytes(2));
  });

  test("what waits is bounded, and what is cancelled is not answered", async () => {
    const four = Array.from({ length: 4 }, () => answer(pool, threadJob("doubled"), bytes(3)));
    expect(await answer(pool, threadJob("doubled"), bytes(3))).toBeInstanceOf(ComputeBusyError);
    expect(await Promise.all(four)).toEqual(four.map(() => bytes(6)));
    let answers = 0;
    pool.run(threadJob("doubled"), bytes(1), () => (answers += 1))();
    await answer(pool, threadJob("doubled"), bytes(1));
    expect(answers).toBe(0);
  });

  test("a pool without a thread would never answer", () => {
    for (const threads of [0, -1, Number.NaN]) expect(() => workerPool({ threads })).toThrow(RangeError);
    expect(() => workerPool({ jobsWaitingMax: 0 })).toThrow(RangeError);
  });

  test("a pool that is closed with jobs running and waiting answers none, and takes none", async () => {
    const closing = workerPool({ threads: 1 });
    let answers = 0;
    for (const name of ["doubled", "dying", "doubled"]) closing.run(threadJob(name), bytes(1), () => (answers += 1));
    closing.close();
    closing.run(threadJob("doubled"), bytes(1), () => (answers += 1));
    await answer(pool, threadJob("doubled"), bytes(1));
    expect(answers).toBe(0);
  });

  test("threads that die one after the other are replaced", async () => {
    const names = ["dying", "doubled", "dying", "doubled"];
    const one = workerPool({ threads: 1 });
    const answers = await Promise.all(names.map((name) => answer(one, threadJob(name), bytes(2))));
    expect(answers.map((output) => output instanceof Error)).toEqual([true, false, true, false]);
    one.close();
  });
});

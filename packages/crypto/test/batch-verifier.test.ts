import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { workerPool } from "@void-system/effects/node";
import { build } from "esbuild";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ed25519Batch } from "../src/batch/ed25519.ts";
import { hybridBatch } from "../src/batch/hybrid.ts";
import {
  BatchClosedError,
  BatchFailedError,
  BatchFullError,
  type BatchScheme,
  type BatchVerdict,
  batchVerifier,
  type Compute,
  ed25519,
  generateKey,
  importKey,
  InvalidOptionError,
  type Job,
  loadPublicKey,
  type PublicKey,
  type SignatureAlgorithm,
  type SignatureScheme,
} from "../src/index.ts";
import { mlDsa65Batch } from "../src/batch/ml-dsa.ts";
import { hybridSignature, mlDsa65 } from "../src/post-quantum/index.ts";
import { bytesOf } from "./compliance.ts";
import vectors from "./vectors/ed25519.json" with { type: "json" };

/** Holds jobs until they are released, one by one, in any order. */
class HeldCompute implements Compute {
  readonly held: { readonly job: Job; readonly input: Uint8Array; readonly done: (output: Uint8Array | Error) => void }[] = [];
  cancelled = 0;

  run(job: Job, input: Uint8Array, done: (output: Uint8Array | Error) => void): () => void {
    this.held.push({ job, input, done });
    return () => void (this.cancelled += 1);
  }

  letGo(pick = 0, output?: Uint8Array | Error): void {
    const [{ job, input, done }] = this.held.splice(pick % this.held.length, 1) as [(typeof this.held)[number]];
    done(output ?? job.run(input));
  }
}

const signers = [1, 2, 3].map((seed) => ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(seed))));
const keys = signers.map(({ publicKey }) => loadPublicKey(publicKey));
const forged = { algorithm: "ed25519", keyId: keys[0]!.keyId, toBytes: () => signers[0]!.publicKey } as const;

interface Asked {
  readonly bytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: PublicKey;
}

const asked: fc.Arbitrary<Asked> = fc
  .record({ bytes: fc.uint8Array({ maxLength: 30 }), by: fc.nat(2), under: fc.nat(5), flip: fc.option(fc.nat(511)), cut: fc.option(fc.nat(70)) })
  .map(({ bytes, by, under, flip, cut }) => {
    let signature = signers[by]!.sign(bytes);
    if (flip !== null) signature = signature.with(flip >> 3, signature[flip >> 3]! ^ (1 << (flip & 7)));
    if (cut !== null) signature = signature.slice(0, cut);
    return { bytes, signature, key: under === 5 ? forged : keys[under > 2 ? by : under]! };
  });

test("verdicts are those of the synchronous path, in the order of the calls, whatever the order of the port's answers", () => {
  fc.assert(
    fc.property(
      fc.array(asked, { maxLength: 40 }),
      fc.array(fc.nat(9), { minLength: 1 }),
      fc.record({ signaturesMax: fc.integer({ min: 1, max: 9 }), lanes: fc.integer({ min: 1, max: 4 }) }),
      (all, picks, options) => {
        const compute = new HeldCompute();
        const verifier = batchVerifier(compute, ed25519Batch, options);
        const answers: [number, BatchVerdict][] = [];
        for (const [index, { bytes, signature, key }] of all.entries()) {
          const [b, s] = [bytes.slice(), signature.slice()];
          expect(verifier.verify(b, s, key, (verdict) => answers.push([index, verdict]))).toBe(true);
          b.fill(0); // the caller's own again
          s.fill(0);
          expect(compute.held.length).toBeLessThanOrEqual(options.lanes);
          if (picks[index % picks.length]! > 6 && compute.held.length > 0) compute.letGo(index);
        }
        for (let turn = 0; compute.held.length > 0; turn += 1) compute.letGo(picks[turn % picks.length]!);
        expect(answers).toEqual(all.map(({ bytes, signature, key }, index) => [index, ed25519.verify(bytes, signature, key)]));
        expect(verifier.pending).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

test("hostile signatures get the vectors' verdicts", async () => {
  const inPlace: Compute = { run: (job, input, done) => (done(job.run(input)), () => undefined) };
  const verifier = batchVerifier(inPlace, ed25519Batch);
  for (const { key, message, signature, verdict } of vectors.signatures) {
    expect(await verifier.verified(bytesOf(message), bytesOf(signature), loadPublicKey(bytesOf(key)))).toBe(verdict);
  }
});

test("signatures gather while the lanes are taken", () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1, signaturesMax: 64 });
  const signature = signers[0]!.sign(new Uint8Array(1));
  let answered = 0;
  for (let count = 0; count < 130; count += 1) verifier.verify(new Uint8Array(1), signature, keys[0]!, () => (answered += 1));
  const sizes: number[] = [];
  while (compute.held.length > 0) {
    const before = answered;
    compute.letGo();
    sizes.push(answered - before);
  }
  expect(sizes).toEqual([1, 64, 64, 1]);
});

test("waiting signatures are bounded in number and bytes, and a refused call gets no verdict", async () => {
  const compute = new HeldCompute();
  const signature = new Uint8Array(64);
  const few = batchVerifier(compute, ed25519Batch, { pendingMax: 3 });
  const answers: BatchVerdict[] = [];
  const taken = [1, 2, 3, 4].map(() => few.verify(new Uint8Array(1), signature, keys[0]!, (verdict) => answers.push(verdict)));
  expect(taken).toEqual([true, true, true, false]);
  await expect(few.verified(new Uint8Array(1), signature, keys[0]!)).rejects.toThrow(BatchFullError);
  while (compute.held.length > 0) compute.letGo();
  expect(answers).toEqual([false, false, false]);
  expect(few.verify(new Uint8Array(1), signature, keys[0]!, () => undefined)).toBe(true);

  const small = batchVerifier(compute, ed25519Batch, { pendingBytesMax: 10 });
  expect([4, 4, 4, 2].map((length) => small.verify(new Uint8Array(length), signature, keys[0]!, () => undefined))).toEqual([true, true, false, true]);
  for (const wrong of [0, -1, 1.5, Number.NaN]) {
    expect(() => batchVerifier(compute, ed25519Batch, { lanes: wrong })).toThrow(InvalidOptionError);
  }
});

test("a failing port is an error for that batch alone, never a verdict", async () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1 });
  const bytes = new Uint8Array(2);
  const signature = signers[0]!.sign(bytes);
  for (const output of [new Error("the worker died"), new Uint8Array(), new Uint8Array(2)]) {
    const first = verifier.verified(bytes, signature, keys[0]!);
    compute.letGo(0, output);
    await expect(first).rejects.toThrow(BatchFailedError);
  }
  const second = verifier.verified(bytes, signature, keys[0]!);
  compute.letGo();
  expect(await second).toBe(true);
  const broken = batchVerifier({ run: () => { throw new Error("no threads"); } }, ed25519Batch);
  await expect(broken.verified(bytes, signature, keys[0]!)).rejects.toMatchObject({ code: "ERR_BATCH_FAILED", cause: new Error("no threads") });
});

test("closing ends every waiting call, once, and cancels the batches", async () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1 });
  const verdicts: BatchVerdict[] = [];
  for (let count = 0; count < 5; count += 1) verifier.verify(new Uint8Array(1), new Uint8Array(64), keys[0]!, (verdict) => verdicts.push(verdict));
  verifier.close();
  verifier.close();
  compute.letGo(); // too late
  expect(verdicts.length).toBe(5);
  for (const verdict of verdicts) expect(verdict).toBeInstanceOf(BatchClosedError);
  expect(compute.cancelled).toBe(1);
  expect(verifier.verify(new Uint8Array(1), new Uint8Array(64), keys[0]!, () => undefined)).toBe(false);
  await expect(verifier.verified(new Uint8Array(1), new Uint8Array(64), keys[0]!)).rejects.toThrow(BatchClosedError);
});

test("a callback that throws costs no other call its verdict", () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1 });
  const verdicts: BatchVerdict[] = [];
  verifier.verify(new Uint8Array(1), new Uint8Array(64), keys[0]!, () => { throw new Error("mine"); });
  verifier.verify(new Uint8Array(1), signers[0]!.sign(new Uint8Array(1)), keys[0]!, (verdict) => verdicts.push(verdict));
  expect(() => compute.letGo()).toThrow("mine");
  compute.letGo();
  expect(verdicts).toEqual([true]);
});

test("malformed or repeated output of a port fails the batch", async () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1 });
  const bytes = new Uint8Array(2);
  const good = signers[0]!.sign(bytes);
  const answers = [undefined, null, "1", [1], { length: 1, 0: 1 }, 1, Uint8Array.of(2), Uint8Array.of(255), Uint8Array.of(1, 1), true];
  for (const output of answers) {
    const verdict = verifier.verified(bytes, good, keys[0]!);
    const { done } = compute.held[0]!;
    compute.held.length = 0;
    done(output as Uint8Array);
    done(Uint8Array.of(1)); // a second answer is too late
    await expect(verdict).rejects.toThrow(BatchFailedError);
    expect(verifier.pending).toBe(0);
  }
  const answered: BatchVerdict[] = [];
  verifier.verify(bytes, new Uint8Array(64), keys[0]!, (verdict) => answered.push(verdict));
  const { done } = compute.held[0]!;
  for (const output of [Uint8Array.of(0), Uint8Array.of(1), new Error("late")]) done(output);
  expect(answered).toEqual([false]);
});

test("a call that can only get false holds no memory while it waits", () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1, pendingBytesMax: 100, pendingMax: 50 });
  const answered: BatchVerdict[] = [];
  verifier.verify(new Uint8Array(60), new Uint8Array(64), keys[0]!, (verdict) => answered.push(verdict)); // the port is slow
  const before = process.memoryUsage().arrayBuffers;
  const huge = new Uint8Array(4_000_000);
  for (let count = 0; count < 40; count += 1) verifier.verify(new Uint8Array(30), huge, keys[0]!, (verdict) => answered.push(verdict));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000); // copied, it would be 160 MB
  expect(verifier.pending).toBe(41);
  compute.letGo();
  expect(answered).toEqual(Array.from({ length: 41 }, () => false));
});

test("a port that begins to answer at once, with thousands waiting, causes no deep recursion, and callbacks' errors are rethrown", () => {
  const done: ((output: Error) => void)[] = [];
  let broken = false;
  const compute: Compute = {
    run(_job, _input, answer) {
      if (broken) answer(new Error("the pool is closed"));
      else done.push(answer);
      return () => undefined;
    },
  };
  const verifier = batchVerifier(compute, ed25519Batch, { lanes: 1, signaturesMax: 1, pendingMax: 6_000 });
  let failed = 0;
  const ask = (): boolean => verifier.verify(new Uint8Array(), new Uint8Array(64), keys[0]!, (verdict) => void (failed += verdict instanceof BatchFailedError ? 1 : 0));
  for (let count = 0; count < 6_000; count += 1) ask();
  broken = true;
  done[0]!(new Error("the worker died"));
  expect([failed, verifier.pending]).toEqual([6_000, 0]);
  const mine = (): boolean => verifier.verify(new Uint8Array(), new Uint8Array(64), keys[0]!, () => { throw new Error("mine"); });
  expect(mine).toThrow("mine");
  expect(ask()).toBe(true);
  expect(failed).toBe(6_001);
});

test("behind an unanswered batch, later calls wait, are bounded, and are ended by closing, even if canceling throws", () => {
  const cancelled: number[] = [];
  const silent: Compute = { run: () => () => { cancelled.push(1); throw new Error("no such job"); } };
  const verifier = batchVerifier(silent, ed25519Batch, { lanes: 2, signaturesMax: 1, pendingMax: 5 });
  const verdicts: BatchVerdict[] = [];
  const taken = Array.from({ length: 6 }, () => verifier.verify(new Uint8Array(), new Uint8Array(64), keys[0]!, (verdict) => verdicts.push(verdict)));
  expect(taken).toEqual([true, true, true, true, true, false]);
  expect(() => verifier.close()).toThrow("no such job");
  expect([verdicts.length, cancelled.length, verifier.pending]).toEqual([5, 2, 0]);
  for (const verdict of verdicts) expect(verdict).toBeInstanceOf(BatchClosedError);
});

test("one poisoned signature does not fail its batch", async () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, mlDsa65Batch, { lanes: 1 });
  const signer = mlDsa65.signer(importKey("ml-dsa-65", new Uint8Array(32).fill(3)));
  const key = mlDsa65.loadPublicKey(signer.publicKey);
  const good = signer.sign(new Uint8Array(1));
  // The hints at the end (FIPS 204, algorithm 21) are the part with a strict form: counts, and indices in order.
  const hostile = [good.slice().fill(255, -61), good.slice().fill(255, -6), good.slice().fill(0, -61), good.slice().fill(7, -61), new Uint8Array(3_309).fill(255), good.with(3_308, 56), good.with(3_303, 200)];
  const all = [good, ...hostile, good].map((signature) => verifier.verified(new Uint8Array(1), signature, key));
  while (compute.held.length > 0) compute.letGo();
  expect(await Promise.all(all)).toEqual([true, ...hostile.map(() => false), true]);
});

test("destroying a key while a batch is in flight changes no verdict", async () => {
  const compute = new HeldCompute();
  const verifier = batchVerifier(compute, ed25519Batch);
  const secret = generateKey("ed25519");
  const signer = ed25519.signer(secret);
  const verdict = verifier.verified(Uint8Array.of(1), signer.sign(Uint8Array.of(1)), loadPublicKey(signer.publicKey));
  secret.destroy();
  signer.publicKey.fill(0);
  compute.letGo();
  expect(await verdict).toBe(true);
});

// The pool of a real World: threads that import a job's module by its URL and call it by its name.
const folder = mkdtempSync(join(tmpdir(), "void-batch-"));
const threads = workerPool({ threads: 2 });

beforeAll(async () => {
  const source = fileURLToPath(new URL("../src/batch/", import.meta.url));
  await build({
    entryPoints: ["ed25519.ts", "ml-dsa.ts", "hybrid.ts"].map((file) => join(source, file)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["void-source"],
  });
});

afterAll(() => {
  threads.close();
  rmSync(folder, { recursive: true });
});

/** The worker threads, with the bundled sources in place of the modules. */
const built: Compute = {
  run(job, input, done) {
    const file = job.module.slice(job.module.lastIndexOf("/") + 1).replace(".ts", ".mjs");
    return threads.run({ ...job, module: pathToFileURL(join(folder, file)).href }, input, done);
  },
};

async function inThreads<A extends SignatureAlgorithm>(batch: BatchScheme<A>, scheme: SignatureScheme<A>, count: number): Promise<ReadonlySet<boolean>> {
  const verifier = batchVerifier(built, batch, { signaturesMax: 8 });
  const all = [1, 2].map(() => scheme.signer(generateKey(scheme.algorithm)));
  const cases = Array.from({ length: count }, (_, index) => {
    const bytes = new Uint8Array(index);
    const signature = all[index % 2]!.sign(bytes);
    return { bytes, signature: index % 3 === 0 ? signature.with(5, signature[5]! ^ 1) : signature, key: scheme.loadPublicKey(all[index % 2]!.publicKey) };
  });
  const verdicts = await Promise.all(cases.map(({ bytes, signature, key }) => verifier.verified(bytes, signature, key)));
  expect(verdicts).toEqual(cases.map(({ bytes, signature, key }) => scheme.verify(bytes, signature, key)));
  return new Set(verdicts);
}

test("a module that a worker cannot load is an error of the batch", async () => {
  const missing: Compute = { run: (job, input, done) => threads.run({ ...job, module: "data:text/javascript,0" }, input, done) };
  const verdict = batchVerifier(missing, ed25519Batch).verified(new Uint8Array(), new Uint8Array(64), keys[0]!);
  await expect(verdict).rejects.toMatchObject({ code: "ERR_BATCH_FAILED", cause: expect.any(Error) });
});

test("worker threads give the verdicts of the synchronous path", async () => {
  const both = new Set([true, false]);
  expect(await inThreads(ed25519Batch, ed25519, 60)).toEqual(both);
  expect(await inThreads(mlDsa65Batch, mlDsa65, 8)).toEqual(both);
  expect(await inThreads(hybridBatch, hybridSignature, 6)).toEqual(both);
});

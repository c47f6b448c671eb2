/** Measures how long verifying blocks the event loop: in batches on two threads, synchronously, and in node:crypto's pool. */
import * as crypto from "node:crypto";
import { Worker } from "node:worker_threads";
import { ed25519Batch } from "../dist/batch/ed25519.js";
import { batchVerifier, ed25519, generateKey } from "../dist/index.js";
import { mlDsa65Batch } from "../dist/batch/ml-dsa.js";
import { mlDsa65 } from "../dist/post-quantum/index.js";
import { busy, compare } from "./compare.mjs";

const SOURCE = `
import { parentPort } from "node:worker_threads";
parentPort.on("message", async ({ module, name, input }) => parentPort.postMessage((await import(module))[name](input)));
`;

function pool(threads) {
  const url = new URL(`data:text/javascript,${encodeURIComponent(SOURCE)}`);
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(url);
    const waiting = [];
    worker.on("message", (output) => waiting.shift()(output));
    return { worker, waiting };
  });
  return {
    run(job, input, done) {
      const free = workers.reduce((a, b) => (b.waiting.length < a.waiting.length ? b : a));
      free.waiting.push(done);
      free.worker.postMessage({ module: job.module, name: job.name, input }, [input.buffer]);
      return () => undefined;
    },
    close: () => Promise.all(workers.map(({ worker }) => worker.terminate())),
  };
}

function setUp(scheme) {
  const signer = scheme.signer(generateKey(scheme.algorithm));
  const message = crypto.randomBytes(100);
  return {
    message,
    signature: signer.sign(message),
    key: scheme.loadPublicKey(signer.publicKey),
    publicKey: signer.publicKey,
  };
}

export async function batchRows() {
  const threads = pool(2);
  const rows = [];
  for (const [scheme, batch, turns, bar] of [
    [ed25519, ed25519Batch, 2_000, 0], // nothing promised: wall time, beside a thread pool in C++
    [mlDsa65, mlDsa65Batch, 60, 4],
  ]) {
    const { message, signature, key, publicKey } = setUp(scheme);
    const verifier = batchVerifier(threads, batch);
    const inBatches = (count) =>
      Promise.all(Array.from({ length: count }, () => verifier.verified(message, signature, key)));
    const atOnce = (count) => {
      for (let turn = 0; turn < count; turn += 1) scheme.verify(message, signature, key);
    };
    const others = [{ name: "the same, synchronous", version: process.version, kind: "floor", work: atOnce }];
    if (scheme === ed25519) {
      const object = crypto.createPublicKey({
        key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") },
        format: "jwk",
      });
      const one = () =>
        new Promise((resolve) => crypto.verify(null, message, object, signature, (_, holds) => resolve(holds)));
      others.push({
        name: "crypto.verify with a callback",
        version: process.version,
        kind: "peer",
        work: (count) => Promise.all(Array.from({ length: count }, one)),
      });
    }
    const options = { turns, bar, unit: "us of event loop", measure: busy };
    rows.push(await compare(`${scheme.algorithm}: verify 100 B in batches`, options, inBatches, ...others));
  }
  await threads.close();
  return rows;
}

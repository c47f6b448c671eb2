/**
 * Four replicas and a client in one process, over memory links, real Ed25519, a volatile disk: operations per second of
 * CPU of all five together, and the signatures and verifications of each. There is no maintained npm package to compare with, so
 * the rows have no peer; the floor is the signature work that the protocol cannot do without.
 */
import { writeFileSync } from "node:fs";
import { digest, ed25519, generateKey } from "@void-system/crypto";
import { memoryHub, peerId, platformWorld } from "@void-system/effects";
import { client, configuration, portsOf, replica } from "@void-system/pbft";

const RUN_MS = 2_500;
const OPERATION_BYTES = 100;
const command = "npm run bench -w @void-system/pbft";

/** Counts commands and does nothing else: the protocol is what is measured. */
class CountingMachine {
  #count = 0;
  apply(batch) {
    this.#count += batch.length;
    return batch.map(() => new Uint8Array(1));
  }
  root() {
    return Uint8Array.of(this.#count & 255);
  }
  snapshot() {
    const count = Uint8Array.of(this.#count & 255);
    return { chunks: 1, chunk: () => count, release() {} };
  }
  restore() {}
}

async function run({ inFlight, batchRequestsMax }) {
  const hub = memoryHub();
  const cluster = configuration({ replicas: ["r0", "r1", "r2", "r3"] });
  const fatal = (cause) => {
    throw cause;
  };
  const keys = new Map([...cluster.replicas, peerId("client")].map((id) => [id, ed25519.signer(generateKey("ed25519"))]));
  const counts = { signatures: 0, verifications: 0 };
  const portsFor = (id) => {
    const ports = portsOf({ signer: keys.get(id), publicKeyOf: (other) => keys.get(other)?.publicKey });
    return {
      digest: ports.digest,
      sign: (bytes) => ((counts.signatures += 1), ports.sign(bytes)),
      verify: (signer, bytes, signature) => ((counts.verifications += 1), ports.verify(signer, bytes, signature)),
    };
  };
  const replicas = cluster.replicas.map((id) => {
    const network = hub.join(id);
    return replica({ world: platformWorld({ network }), network, cluster, ports: portsFor(id), machine: new CountingMachine(), tuning: { batchRequestsMax }, fatal });
  });
  const network = hub.join(peerId("client"));
  const submitter = client({ world: platformWorld({ network }), network, cluster, ports: portsFor(peerId("client")), tuning: { windowMax: inFlight, retryMs: 5_000 }, fatal });
  const operation = new Uint8Array(OPERATION_BYTES);
  let done = 0;
  let open = true;
  const submit = () => {
    submitter.submit(operation, (outcome) => {
      if (outcome.type !== "ok") throw new Error(outcome.type);
      done += 1;
      if (open) submit();
    });
  };
  for (let index = 0; index < inFlight; index += 1) submit();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const before = { ...counts, done, cpu: process.cpuUsage(), at: performance.now() };
  await new Promise((resolve) => setTimeout(resolve, RUN_MS));
  open = false;
  const { user, system } = process.cpuUsage(before.cpu);
  const operations = done - before.done;
  const wallMs = performance.now() - before.at;
  const signatures = (counts.signatures - before.signatures) / operations;
  const verifications = (counts.verifications - before.verifications) / operations;
  await new Promise((resolve) => submitter.stop(resolve));
  for (const one of replicas) await new Promise((resolve) => one.stop(1_000, resolve));
  return { perCpuSecond: Math.round(operations / ((user + system) / 1e6)), perSecond: Math.round((operations * 1_000) / wallMs), signatures, verifications };
}

/** The least that signed requests cost: the client signs, four replicas verify. */
function floor() {
  const signer = ed25519.signer(generateKey("ed25519"));
  const ports = portsOf({ signer, publicKeyOf: () => signer.publicKey });
  const bytes = new Uint8Array(OPERATION_BYTES);
  const start = process.cpuUsage();
  let rounds = 0;
  for (const end = performance.now() + 500; performance.now() < end; rounds += 1) {
    const signature = ports.sign(digest(bytes));
    for (let index = 0; index < 4; index += 1) ports.verify(peerId("a"), digest(bytes), signature);
  }
  const { user, system } = process.cpuUsage(start);
  return Math.round(rounds / ((user + system) / 1e6));
}

const bare = floor();
const rows = [];
for (const [name, settings, bar] of [
  ["1 request in flight", { inFlight: 1, batchRequestsMax: 1 }, 0.05],
  ["64 in flight, batches up to 16", { inFlight: 64, batchRequestsMax: 16 }, 0.25],
  ["256 in flight, batches up to 256", { inFlight: 256, batchRequestsMax: 256 }, 0.35],
]) {
  const { perCpuSecond, perSecond, signatures, verifications } = await run(settings);
  const round = (count) => Number(count.toFixed(2));
  rows.push({
    name: `${name}, ${OPERATION_BYTES}-byte operations, 4 replicas and a client`,
    unit: "operations per CPU second",
    better: "higher",
    ours: perCpuSecond,
    against: [{ name: "one Ed25519 signature and four verifications each", version: process.version, kind: "floor", value: bare }],
    ratio: Number((perCpuSecond / bare).toFixed(3)),
    bar,
    command,
  });
  for (const [what, count] of Object.entries({ signatures, verifications }))
    rows.push({ name: `${name}: ${what} at all five nodes together`, unit: `${what} an operation`, better: "lower", ours: round(count), against: [], ratio: null, bar: 0, command });
  process.stdout.write(
    `${name}: ${perCpuSecond} operations per CPU second (${perSecond} per second), ${(perCpuSecond / bare).toFixed(2)} of the bare signature work; an operation costs ${Math.round(1e6 / perCpuSecond)} CPU-us, ${round(signatures)} signatures, ${round(verifications)} verifications\n`,
  );
}
writeFileSync(new URL("./results.json", import.meta.url), `${JSON.stringify(rows, null, 2)}\n`);
process.exit(0);

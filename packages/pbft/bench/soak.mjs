/**
 * Memory over many operations: four replicas in one process, one of them mute, a client with bundles of 500 operations for a
 * machine that counts, and a client that floods. Fails when memory grows by more than 50 MB after the warm-up.
 *
 * `npm run soak -w @void-system/pbft -- 10000000`
 */
import { digest, ed25519, generateKey } from "@void-system/crypto";
import { memoryHub, peerId, platformWorld } from "@void-system/effects";
import { client, configuration, messageCodec, portsOf, replica } from "@void-system/pbft";

const OPERATIONS = Number(process.argv[2] ?? 500_000);
/** Operations before those that count: they fill what the protocol keeps within bounds, such as 64 MiB of old batches a replica. */
const WARM_UP = 700_000;
const BUNDLE = 500;
const OPERATION_BYTES = 100;
const IN_FLIGHT = 8;
const GROWTH_MAX_MB = 50;
/** Flood that each replica gets, in bytes per millisecond: half requests with bad signatures, half one good request again. */
const FLOOD_BYTES_PER_MS = 500;
const FLOOD_MS = 10;
const MB = 1_000_000;

/** Counts operations and does nothing else: the protocol is what is measured. */
class CountingMachine {
  #count = 0;
  apply(batch) {
    return batch.map(({ operation }) => {
      this.#count += operation.length / OPERATION_BYTES;
      return this.root();
    });
  }
  root() {
    return new Uint8Array(new Float64Array([this.#count]).buffer);
  }
  snapshot() {
    const count = this.root();
    return { chunks: 1, chunk: () => count, release() {} };
  }
  restore(chunks) {
    for (const count of chunks) this.#count = new Float64Array(count.slice().buffer)[0];
  }
}

const hub = memoryHub();
const cluster = configuration({ replicas: ["r0", "r1", "r2", "r3"], checkpointInterval: 16 });
const keys = new Map([...cluster.replicas, "honest", "flood"].map((id) => [id, ed25519.signer(generateKey("ed25519"))]));
const fatal = (cause) => {
  throw cause;
};
const partsOf = (id, network) => ({
  world: platformWorld({ network }),
  network,
  cluster,
  ports: portsOf({ signer: keys.get(id), publicKeyOf: (other) => keys.get(other)?.publicKey }),
  fatal,
});
const mute = (network) => ({ self: network.self, onFrame: (handle) => network.onFrame(handle), onLink: (handle) => network.onLink(handle), send: () => "sent" });
const replicas = cluster.replicas.map((id) => {
  const network = hub.join(id);
  return replica({ ...partsOf(id, id === "r3" ? mute(network) : network), machine: new CountingMachine(), tuning: { batchRequestsMax: IN_FLIGHT } });
});
const honest = client({ ...partsOf("honest", hub.join(peerId("honest"))), tuning: { timeoutMs: 60_000 } });

const flood = hub.join(peerId("flood"));
const codec = messageCodec(cluster, digest);
const flooded = client({ ...partsOf("flood", flood), tuning: { timeoutMs: 60_000 } });
const flooding = setInterval(() => {
  const number = Math.floor(Math.random() * 1e12);
  const signed = { type: "request", client: flood.self, machine: 0, isProven: false, notAfterMs: Date.now() + 60_000, lowest: 0, number };
  const bad = codec.encode({ ...signed, operation: new Uint8Array(OPERATION_BYTES), signature: new Uint8Array(64) });
  for (let bytes = 0; bytes < FLOOD_BYTES_PER_MS * FLOOD_MS; bytes += bad.length) for (const id of cluster.replicas) flood.send(id, bad);
  flooded.submit(new Uint8Array(OPERATION_BYTES), () => {});
}, FLOOD_MS);

const heldMb = () => {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MB;
};

const operation = new Uint8Array(BUNDLE * OPERATION_BYTES);
const began = performance.now();
const samples = [];
let [done, sent] = [0, 0];
await new Promise((resolve) => {
  const submit = () => {
    sent += BUNDLE;
    honest.submit(operation, (outcome) => {
      if (outcome.type !== "ok") throw new Error(`expected a result, got ${JSON.stringify(outcome)}`);
      done += BUNDLE;
      const counted = done - WARM_UP;
      // At each hundredth, wherever the log is between two checkpoints.
      if (counted > 0 && counted % (OPERATIONS / 100) === 0) samples.push(heldMb());
      if (counted % (OPERATIONS / 10) === 0) process.stdout.write(`${done} operations: ${heldMb().toFixed(1)} MB, ${Math.round((performance.now() - began) / 1_000)} s\n`);
      if (sent < WARM_UP + OPERATIONS) submit();
      else if (counted >= OPERATIONS) resolve();
    });
  };
  for (let index = 0; index < IN_FLIGHT; index += 1) submit();
});
clearInterval(flooding);
// The log breathes with its checkpoints, so the most of a fifth is compared with the most of another.
const [warm, end] = [samples.slice(0, 20), samples.slice(-20)].map((some) => Math.max(...some));
const growth = end - warm;
const { user, system } = process.cpuUsage();
process.stdout.write(
  `${OPERATIONS} operations behind ${WARM_UP} in bundles of ${BUNDLE}, one mute replica, one flooding client: ${warm.toFixed(1)} MB after the warm-up, ${end.toFixed(1)} MB at the end, ` +
    `growth ${growth.toFixed(1)} MB of at most ${GROWTH_MAX_MB}; ${((user + system) / (WARM_UP + OPERATIONS)).toFixed(1)} CPU-us an operation; view ${replicas[0].standing().view}\n`,
);
process.exit(growth <= GROWTH_MAX_MB ? 0 : 1);

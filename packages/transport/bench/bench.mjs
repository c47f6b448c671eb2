/**
 * What a link costs beside the sockets under it: frames from this process to a child over node:net, mutual node:tls and
 * tls(), all on loopback and with the same bytes on the wire. CPU time of both processes together, which is steadier
 * than the clock; interleaved rounds, medians. The bare sides do the least that gets single frames from one program to
 * the other: each frame is copied behind its length into a batch, a batch is a write, and the receiver hands each frame
 * to a function, as a view. No names, bounds, counters, heartbeats or link states: they are floors and not peers.
 */
import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect as connectTcp, createServer as createTcp } from "node:net";
import { connect as connectTls, createServer as createTls } from "node:tls";
import { ed25519, generateKey, importKey } from "@void-system/crypto";
import { privateKeyPem } from "@void-system/crypto/node";
import { peerId } from "@void-system/effects";
import { createCertificate } from "../dist/certificate.js";
import { tls } from "../dist/tls/index.js";

const ROUNDS = 7;
const COMMAND = "npm run bench --workspace packages/transport";
const WORKLOADS = [
  { name: "77 B + 4 B length, 200 at a time", body: 77, batch: 200, count: 600_000, bar: 0.9, barTcp: 0.6 },
  { name: "64 KiB", body: 65_532, batch: 1, count: 3_000, bar: 0.9, barTcp: 0.4 },
];
const KINDS = ["net", "tls", "ours"];

if (process.argv[2] === "receive") receive();
else await measure();

/** Cuts chunks into frames. What is left of a chunk is put before the next one once that makes a frame whole. */
function cutter(handle) {
  let parts = [];
  let gathered = 0;
  let wanted = 4;
  return (chunk) => {
    parts.push(chunk);
    gathered += chunk.length;
    if (gathered < wanted) return;
    const bytes = parts.length === 1 ? chunk : Buffer.concat(parts);
    let at = 0;
    for (wanted = 4; at + 4 <= bytes.length; ) {
      const end = at + 4 + bytes.readUInt32BE(at);
      if (end > bytes.length) {
        wanted = end - at;
        break;
      }
      handle(bytes.subarray(at + 4, end));
      at = end;
    }
    gathered = bytes.length - at;
    parts = gathered > 0 ? [bytes.subarray(at)] : [];
  };
}

function receive() {
  let links;
  process.on("message", async ({ kind, count, setup }) => {
    let before;
    const begin = () => (before = process.cpuUsage());
    const done = () => {
      const { user, system } = process.cpuUsage(before);
      process.send({ cpu: user + system });
    };
    if (kind === "ours") {
      links ??= await openOurs(setup.receiver, setup.sender, { port: 0 });
      let left = count;
      const cancel = links.onFrame(() => {
        left -= 1;
        if (left > 0) return;
        cancel();
        done();
      });
      begin();
      return process.send({ port: links.address.port });
    }
    const listener = (socket) => {
      let left = count;
      begin();
      socket.on("data", cutter(() => (left -= 1) === 0 && done())).on("error", () => undefined);
      server.close();
    };
    const options = { ...tlsOptions(setup.receiver), requestCert: true };
    const server = kind === "net" ? createTcp(listener) : createTls(options, listener);
    server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
  });
  process.on("disconnect", () => process.exit(0));
}

function tlsOptions({ pem, certificate }) {
  return { key: pem, cert: certificate, minVersion: "TLSv1.3", maxVersion: "TLSv1.3", rejectUnauthorized: false };
}

function openOurs(self, other, listen, port) {
  return tls({
    self: peerId(self.id),
    cluster: "bench",
    key: importKey("ed25519", Buffer.from(self.seed, "hex")),
    certificate: self.certificate,
    peers: [{ id: peerId(other.id), publicKey: Buffer.from(other.publicKey, "hex"), ...(port && { host: "127.0.0.1", port }) }],
    ...(listen && { listen }),
  });
}

async function member(id) {
  const key = generateKey("ed25519");
  return {
    id,
    seed: key.use((seed) => Buffer.from(seed).toString("hex")),
    pem: privateKeyPem(key),
    publicKey: Buffer.from(ed25519.signer(key).publicKey).toString("hex"),
    certificate: await createCertificate(key, { name: id }),
  };
}

async function measure() {
  const setup = { sender: await member("sender"), receiver: await member("receiver") };
  const child = fork(new URL(import.meta.url), ["receive"]);
  const reply = () => new Promise((resolve) => child.once("message", resolve));
  let ours;

  async function run(kind, { body, batch, count }) {
    child.send({ kind, count, setup });
    const { port } = await reply();
    if (kind === "ours" && ours === undefined) {
      ours = await openOurs(setup.sender, setup.receiver, undefined, port);
      await new Promise((resolve) => ours.onLink(resolve));
    }
    const socket = kind === "ours" ? undefined : await connected(kind, port, setup);
    const finished = reply();
    const wall = performance.now();
    const before = process.cpuUsage();
    if (kind === "ours") await sendOurs(ours, body, batch, count);
    else await sendBare(socket, body, batch, count);
    const { cpu } = await finished;
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - wall) / 1_000;
    socket?.destroy();
    return { cpu: (user + system + cpu) / count, rate: (count * (body + 4)) / seconds / 1e6 };
  }

  const rows = [];
  for (const workload of WORKLOADS) {
    const runs = { net: [], tls: [], ours: [] };
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (let turn = 0; turn < KINDS.length; turn += 1) {
        const kind = KINDS[(turn + round) % KINDS.length];
        const result = await run(kind, workload);
        if (round > 0) runs[kind].push(result); // the first is a warm-up
      }
    }
    const cost = (kind) => median(runs[kind].map(({ cpu }) => cpu));
    for (const [kind, bar] of [["tls", workload.bar], ["net", workload.barTcp]]) {
      const row = {
        name: `frame of ${workload.name}, over bare node:${kind}`,
        unit: "CPU us, both ends",
        better: "lower",
        ours: cost("ours"),
        against: [{ name: `bare node:${kind}`, version: process.version, kind: "floor", value: cost(kind) }],
        ratio: cost(kind) / cost("ours"),
        bar,
        command: COMMAND,
      };
      rows.push(row);
      console.log(`${row.name}: ${row.ours.toFixed(2)} us, bare ${cost(kind).toFixed(2)} us, ratio ${row.ratio.toFixed(2)} (bar ${bar})`);
    }
    console.log(`  MB/s: ${KINDS.map((kind) => `${kind} ${median(runs[kind].map(({ rate }) => rate)).toFixed(0)}`).join(", ")}`);
  }
  writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
  await ours.close(100);
  child.disconnect();
}

function connected(kind, port, setup) {
  return new Promise((resolve) => {
    const socket =
      kind === "net"
        ? connectTcp({ host: "127.0.0.1", port }, () => resolve(socket))
        : connectTls({ host: "127.0.0.1", port, ...tlsOptions(setup.sender) }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.on("error", () => undefined);
  });
}

async function sendBare(socket, body, batch, count) {
  const frame = new Uint8Array(body);
  if (batch === 1) return sendLarge(socket, frame, count);
  for (let sent = 0; sent < count; sent += batch) {
    const block = Buffer.allocUnsafe(batch * (body + 4));
    for (let i = 0, at = 0; i < batch; i += 1, at += body + 4) {
      block.writeUInt32BE(body, at);
      block.set(frame, at + 4);
    }
    if (!socket.write(block)) await new Promise((resolve) => socket.once("drain", resolve));
  }
}

/** A large frame is not copied here: both parts leave in one write. */
async function sendLarge(socket, frame, count) {
  for (let sent = 0; sent < count; sent += 1) {
    const header = Buffer.allocUnsafe(4);
    header.writeUInt32BE(frame.length);
    socket.cork();
    socket.write(header);
    const more = socket.write(frame);
    socket.uncork();
    if (!more) await new Promise((resolve) => socket.once("drain", resolve));
  }
}

async function sendOurs(links, body, batch, count) {
  const to = peerId("receiver");
  const frame = new Uint8Array(body);
  let resume;
  const cancel = links.onLink((_peer, state) => state === "writable" && resume?.());
  for (let sent = 0; sent < count; sent += batch) {
    for (let i = 0; i < batch; i += 1) {
      while (links.send(to, frame) !== "sent") await new Promise((resolve) => (resume = resolve));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  cancel();
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/**
 * A million fuzzed frames at a live listener, from a peer that is listed and has gone mad, with strangers who storm, send
 * garbage or dawdle beside it; and what that does to an honest peer: `npm run torture --workspace packages/transport`, or
 * with another number of frames, `… -- 100000`.
 *
 * Victim, attacker and honest peer are processes of their own. Phases of attack and of peace alternate; in peace the
 * attacker spins, so that it takes the same processor time: what is compared is the attack, not a third busy process.
 */
import { fork } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { setPriority } from "node:os";
import { connect } from "node:tls";
import { ed25519, generateKey, importKey } from "@void-system/crypto";
import { privateKeyPem } from "@void-system/crypto/node";
import { peerId } from "@void-system/effects";
import { createCertificate } from "../dist/certificate.js";
import { tls } from "../dist/tls/index.js";

const FRAMES = Number(process.argv[3] ?? process.argv[2] ?? 1_000_000);
const PHASE_MS = 1_000;
/** So that nothing of an attack is left in the peace behind it. */
const PAUSE_MS = 200;
const PING_MS = 2;
/** One pair to warm up, and three to compare. */
const PHASES_MIN = 8;
const LIMITS = { frameBytes: 64 * 1024 };
const MEMORY_GROWTH_MAX = 64 * 1024 * 1024;
const P99_RATIO_MAX = 2;
const ROLES = { victim, attacker, honest };

if (process.argv[2] in ROLES) {
  process.once("message", ROLES[process.argv[2]]);
  process.once("disconnect", () => process.exit());
} else {
  await torture();
}

async function torture() {
  const nodes = {};
  for (const id of ["victim", "honest", "attacker"]) nodes[id] = await member(id);
  const victimProcess = start("victim", nodes);
  const { port } = await victimProcess.reply();
  const honestProcess = start("honest", { ...nodes, port });
  const attackerProcess = start("attacker", { ...nodes, port });
  await Promise.all([honestProcess.reply(), attackerProcess.reply()]);

  const pings = { peace: [], attack: [] };
  const memory = [];
  let sent = 0;
  for (let phase = 0; sent < FRAMES || phase < PHASES_MIN || phase % 2 === 1; phase += 1) {
    const kind = phase % 2 === 0 ? "peace" : "attack";
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    for (const { send } of [attackerProcess, honestProcess]) send({ kind, ms: PHASE_MS });
    const [attack, ping] = await Promise.all([attackerProcess.reply(), honestProcess.reply()]);
    victimProcess.send({});
    const seen = await victimProcess.reply();
    sent += attack.frames;
    if (phase > 1) pings[kind].push(p99(ping)); // the first two are a warm-up
    memory.push(seen.memory);
    const mebibytes = (seen.memory / 2 ** 20).toFixed(0);
    const waited = `honest p99 ${p99(ping).toFixed(2)} ms, before ${pings.peace.at(-1)?.toFixed(2)} ms`;
    if (kind === "attack") console.log(`${sent} fuzzed frames sent, ${seen.frames} taken, victim ${mebibytes} MiB, ${waited}`);
    if (kind === "attack" && sent >= FRAMES) console.log(`  refused: ${JSON.stringify(seen.refused)}, honest link up ${seen.ups} time(s)`);
    if (seen.ups !== 1) fail("the honest peer lost its link");
  }
  const ratio = median(pings.attack.map((attack, round) => attack / pings.peace[round]));
  const settled = memory.slice(2);
  const growth = Math.max(...settled) - settled[0];
  console.log(
    `honest p99, median of ${pings.attack.length} rounds: ${median(pings.peace).toFixed(2)} ms in peace, ` +
      `${median(pings.attack).toFixed(2)} ms under attack; of the rounds' ratios ${ratio.toFixed(2)} (at most ${P99_RATIO_MAX})`,
  );
  console.log(`victim's memory grew by ${(growth / 2 ** 20).toFixed(1)} MiB after the warm-up (at most ${MEMORY_GROWTH_MAX / 2 ** 20})`);
  if (ratio > P99_RATIO_MAX) fail("the honest peer waited too long");
  if (growth > MEMORY_GROWTH_MAX) fail("the victim's memory grew");
  process.exit(process.exitCode ?? 0);
}

function fail(reason) {
  console.log(`FAILED: ${reason}`);
  process.exitCode = 1;
}

function p99(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function start(role, setup) {
  const child = fork(new URL(import.meta.url), [role]);
  child.on("exit", (code) => {
    console.log(`FAILED: ${role} ended with ${code}`);
    process.exit(1);
  });
  child.send(setup);
  return {
    send: (message) => child.send(message),
    reply: () => new Promise((resolve) => child.once("message", resolve)),
  };
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

function open(self, others, options) {
  return tls({
    self: peerId(self.id),
    cluster: "torture",
    key: importKey("ed25519", Buffer.from(self.seed, "hex")),
    certificate: self.certificate,
    peers: others.map(({ id, publicKey, ...address }) => ({ id: peerId(id), publicKey: Buffer.from(publicKey, "hex"), ...address })),
    limits: LIMITS,
    ...options,
  });
}

function only({ id, publicKey }) {
  return { id, publicKey };
}

// ── the victim ──

async function victim({ victim: self, honest, attacker }) {
  const links = await open(self, [only(honest), only(attacker)], { listen: { port: 0 } });
  let frames = 0;
  links.onFrame((from, frame) => {
    if (from === honest.id) links.send(from, frame);
    else frames += 1;
  });
  process.on("message", () => {
    const { refused, links: all } = links.stats();
    process.send({ frames, refused, ups: all[honest.id].ups, memory: process.memoryUsage.rss() });
  });
  process.send({ port: links.address.port });
}

// ── the honest peer ──

async function honest({ honest: self, victim: other, port }) {
  const links = await open(self, [{ ...only(other), host: "127.0.0.1", port }]);
  await new Promise((resolve) => links.onLink(resolve));
  const to = peerId(other.id);
  let pings = [];
  links.onFrame((_from, frame) => pings.push(performance.now() - new DataView(frame.buffer, frame.byteOffset).getFloat64(0)));
  process.on("message", ({ ms }) => {
    pings = [];
    const timer = setInterval(() => {
      const frame = new Uint8Array(64);
      new DataView(frame.buffer).setFloat64(0, performance.now());
      links.send(to, frame);
    }, PING_MS);
    setTimeout(() => {
      clearInterval(timer);
      setTimeout(() => process.send(pings), 100);
    }, ms);
  });
  process.send("ready");
}

// ── the attacker ──

async function attacker({ attacker: self, port }) {
  setPriority(19);
  process.on("message", async ({ kind, ms }) => {
    const until = performance.now() + ms;
    if (kind === "peace") {
      // In turns, as an attacker who waits for sockets works.
      while (performance.now() < until) {
        fuzz();
        await new Promise((resolve) => setImmediate(resolve));
      }
      return process.send({ frames: 0 });
    }
    const strangers = setInterval(() => strange(port), 20);
    let frames = 0;
    while (performance.now() < until) frames += await goMad(self, port, until);
    clearInterval(strangers);
    process.send({ frames });
  });
  process.send("ready");
}

/** One connection as a listed peer, until the victim ends it. Resolves to the frames that were sent. */
function goMad({ id, pem, certificate }, port, until) {
  return new Promise((resolve) => {
    const socket = connect({
      host: "127.0.0.1",
      port,
      localAddress: "127.0.0.2",
      key: pem,
      cert: certificate,
      ALPNProtocols: ["void-link/2"],
      rejectUnauthorized: false,
    });
    let frames = 0;
    socket.on("error", () => undefined);
    socket.resume();
    // Refused for its many handshakes, it waits before it comes back: it has a number of frames to reach.
    socket.on("close", () => setTimeout(resolve, frames === 0 ? 50 : 0, frames));
    socket.once("secureConnect", () => {
      socket.write(helloOf(id));
      const go = () => {
        if (performance.now() >= until || socket.destroyed) return socket.destroy();
        const { bytes, count } = fuzz();
        frames += count;
        if (socket.write(bytes)) setImmediate(go);
        else socket.once("drain", go);
      };
      go();
    });
  });
}

function helloOf(id) {
  const cluster = "torture";
  const head = [1, 2, cluster.length, id.length, 1, 0, 0, 0];
  const body = Buffer.concat([Buffer.from(head), Buffer.from(cluster + id)]);
  return Buffer.concat([Buffer.from([0x80, 0, 0, body.length]), body]);
}

/** Some frames: most with a sound length around noise, some that break the rules, some cut off in the middle. */
function fuzz() {
  const pieces = [];
  const count = 100;
  const noise = randomBytes(4_096);
  for (let i = 0; i < count; i += 1) {
    const length = randomInt(randomInt(1, 2_000));
    const from = randomInt(noise.length - Math.min(length, 2_000));
    const body = noise.subarray(from, from + length);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(wordOf(body.length));
    pieces.push(header, body);
  }
  return { bytes: Buffer.concat(pieces), count };
}

function wordOf(length) {
  const chance = randomInt(20_000);
  if (chance === 0) return randomInt(2 ** 32); // anything, up to 4 GiB
  if (chance === 1) return (2 ** 31 + length) % 2 ** 32; // noise as a control frame
  if (chance === 2) return length + randomInt(64); // longer than it is: what follows is out of step
  return length;
}

/** Somebody whom nobody knows: garbage, half a handshake, or silence. */
function strange(port) {
  const socket = connectTcp({ host: "127.0.0.1", port, localAddress: "127.0.0.3" });
  socket.on("error", () => undefined);
  const chance = randomInt(3);
  if (chance === 0) socket.write(randomBytes(randomInt(1, 2_000)));
  if (chance === 1) socket.write(Buffer.from("16030102000100", "hex"));
  setTimeout(() => socket.destroy(), 10_000).unref();
}

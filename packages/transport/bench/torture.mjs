/**
 * A million fuzzed frames at a live listener, from a peer that is listed and has gone mad, with strangers who storm, send
 * garbage or dawdle beside it; and what that does to an honest peer: `npm run torture --workspace packages/transport`, or
 * with another number of frames, `… -- 100000`.
 *
 * Two kinds of attack take turns: `mad` breaks the rules in one frame of seven thousand or so, and is back as soon as it is
 * let in; `flood` keeps to them, and sends noise as fast as it can. Between any two is a phase of peace, in which the
 * attacker spins, so that it takes the same processor time: what is compared is the attack, not a third busy process.
 * Victim, attacker and honest peer are processes of their own. `bare` is the floor: the same flood, and the same pings, at a
 * server of node:tls that throws away all but pings, in a fourth process.
 */
import { fork } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { setPriority } from "node:os";
import { connect, createServer } from "node:tls";
import { importKey } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { tls } from "../dist/tls/index.js";
import { member } from "./member.mjs";

const FRAMES = Number(process.argv[3] ?? process.argv[2] ?? 1_000_000);
/** Long enough that what an attacker may do at once, before it is throttled, is not most of what is measured. */
const ATTACK_MS = 8_000;
const PEACE_MS = 4_000;
/** So that nothing of an attack is left in the peace behind it. */
const PAUSE_MS = 200;
const PING_MS = 2;
const PING_BYTES = 64;
/** What a bare connection that will ping begins with. */
const PING = 1;
const KINDS = ["mad", "flood", "bare"];
/** One to warm up, and four to compare. */
const ROUNDS_MIN = 5;
const LIMITS = { frameBytes: 64 * 1024 };
const MEMORY_GROWTH_MAX = 64 * 1024 * 1024;
/** How much longer an honest peer may wait while another one is mad. */
const MAD_RATIO_MAX = 2;
/** How much more a flood at full speed may add to its wait than the same flood does at a bare server. */
const FLOOD_OVER_BARE_MAX = 1.5;
/** As in the bench: in a heap of 8 MB the memory of what is read makes V8 collect all of it ten times a second. */
const STEADY_HEAP = ["--initial-old-space-size=256"];
const ROLES = { victim, bare, attacker, honest };

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
  const bareProcess = start("bare", nodes);
  const { port } = await victimProcess.reply();
  const { port: barePort } = await bareProcess.reply();
  const honestProcess = start("honest", { ...nodes, port, barePort });
  const attackerProcess = start("attacker", { ...nodes, port, barePort });
  await Promise.all([honestProcess.reply(), attackerProcess.reply()]);

  const rounds = { mad: [], flood: [], bare: [] };
  const memory = [];
  const sent = { mad: 0, flood: 0, bare: 0 };
  const phase = async (kind, isBare) => {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    for (const { send } of [attackerProcess, honestProcess]) send({ kind, isBare, ms: kind === "peace" ? PEACE_MS : ATTACK_MS });
    const [{ frames }, pings] = await Promise.all([attackerProcess.reply(), honestProcess.reply()]);
    return { frames, p99: p99(pings) };
  };
  for (let round = 0; sent.mad < FRAMES || round < ROUNDS_MIN; round += 1) {
    for (const kind of KINDS) {
      const isBare = kind === "bare";
      const peace = await phase("peace", isBare);
      const attack = await phase(kind, isBare);
      victimProcess.send({});
      const seen = await victimProcess.reply();
      sent[kind] += attack.frames;
      if (round > 0) {
        rounds[kind].push({ peace: peace.p99, attack: attack.p99 });
        memory.push(seen.memory);
      }
      const mebibytes = (seen.memory / 2 ** 20).toFixed(0);
      const waited = `honest p99 ${attack.p99.toFixed(2)} ms, before ${peace.p99.toFixed(2)} ms`;
      console.log(`${kind}: ${sent[kind]} frames sent, ${seen.frames} taken in all, victim ${mebibytes} MiB, ${waited}`);
      if (seen.ups !== 1) fail("the honest peer lost its link");
      if (kind === "mad" && sent.mad >= FRAMES) console.log(`  refused: ${JSON.stringify(seen.refused)}, honest link up ${seen.ups} time(s)`);
    }
  }
  const rise = {};
  for (const kind of KINDS) {
    rise[kind] = median(rounds[kind].map(({ peace, attack }) => attack / peace));
    const [peace, attack] = ["peace", "attack"].map((when) => median(rounds[kind].map((round) => round[when])).toFixed(2));
    console.log(`${kind}: honest p99, median of ${rounds[kind].length} rounds: ${peace} ms in peace, ${attack} ms under attack; of the rounds' ratios ${rise[kind].toFixed(2)}`);
  }
  const overBare = rise.flood / rise.bare;
  console.log(`mad ${rise.mad.toFixed(2)} (at most ${MAD_RATIO_MAX}); flood over bare ${overBare.toFixed(2)} (at most ${FLOOD_OVER_BARE_MAX})`);
  if (rise.mad > MAD_RATIO_MAX || overBare > FLOOD_OVER_BARE_MAX) fail("the honest peer waited too long");
  const growth = Math.max(...memory) - memory[0];
  console.log(`victim's memory grew by ${(growth / 2 ** 20).toFixed(1)} MiB after the warm-up (at most ${MEMORY_GROWTH_MAX / 2 ** 20})`);
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
  const child = fork(new URL(import.meta.url), [role], { execArgv: STEADY_HEAP });
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

/** The floor: TLS as node gives it, and no more. */
function bare({ victim: self }) {
  const options = { key: self.pem, cert: self.certificate, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options, (socket) => {
    socket.setNoDelay(true).on("error", () => undefined);
    // Whoever pings has said so first.
    socket.once("data", (first) => {
      if (first[0] === PING) socket.on("data", (bytes) => socket.write(bytes));
      else socket.resume();
    });
  });
  server.listen({ host: "127.0.0.1", port: 0 }, () => process.send({ port: server.address().port }));
}

// ── the honest peer ──

async function honest({ honest: self, victim: other, port, barePort }) {
  const links = await open(self, [{ ...only(other), host: "127.0.0.1", port }]);
  await new Promise((resolve) => links.onLink(resolve));
  const to = peerId(other.id);
  let pings = [];
  const pong = (bytes) => pings.push(performance.now() - new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0));
  links.onFrame((_from, frame) => pong(frame));
  const socket = connect({ host: "127.0.0.1", port: barePort, key: self.pem, cert: self.certificate, rejectUnauthorized: false });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  socket.setNoDelay(true).write(new Uint8Array([PING]));
  // Several may come as one chunk.
  socket.on("data", (chunk) => {
    for (let at = 0; at + PING_BYTES <= chunk.length; at += PING_BYTES) pong(chunk.subarray(at));
  });
  process.on("message", ({ ms, isBare }) => {
    pings = [];
    const timer = setInterval(() => {
      const frame = new Uint8Array(PING_BYTES);
      new DataView(frame.buffer).setFloat64(0, performance.now());
      if (isBare) socket.write(frame);
      else links.send(to, frame);
    }, PING_MS);
    setTimeout(() => {
      clearInterval(timer);
      setTimeout(() => process.send(pings), 100);
    }, ms);
  });
  process.send("ready");
}

// ── the attacker ──

async function attacker({ attacker: self, port, barePort }) {
  setPriority(19);
  process.on("message", async ({ kind, ms }) => {
    const until = performance.now() + ms;
    if (kind === "peace") {
      // In turns, as an attacker who waits for sockets works.
      while (performance.now() < until) {
        fuzz(true);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return process.send({ frames: 0 });
    }
    const to = kind === "bare" ? barePort : port;
    const strangers = setInterval(() => strange(to), 20);
    let frames = 0;
    while (performance.now() < until) frames += await goMad(self, to, until, kind === "mad");
    clearInterval(strangers);
    process.send({ frames });
  });
  process.send("ready");
}

/** One connection as a listed peer, until the victim ends it. Resolves to the frames that were sent. */
function goMad({ id, pem, certificate }, port, until, breaksRules) {
  return new Promise((resolve) => {
    const socket = connect({
      host: "127.0.0.1",
      port,
      localAddress: "127.0.0.2",
      key: pem,
      cert: certificate,
      ALPNProtocols: ["void-link/4"],
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
        const { bytes, count } = fuzz(breaksRules);
        frames += count;
        if (socket.write(bytes)) setImmediate(go);
        else socket.once("drain", go);
      };
      go();
    });
  });
}

function helloOf(id) {
  const field = (tag, bytes) => Buffer.concat([Buffer.from([tag, 0, bytes.length]), Buffer.from(bytes)]);
  const body = Buffer.concat([Buffer.from([1, 4]), field(1, "torture"), field(2, id), field(3, [1, 0, 0, 0]), field(4, [0, 0x10, 0, 0]), field(5, randomBytes(8))]);
  return Buffer.concat([Buffer.from([0x80, 0, 0, body.length]), body]);
}

/** Some frames: sound lengths around noise; if it is to break the rules, some that do, and some cut off in the middle. */
function fuzz(breaksRules) {
  const pieces = [];
  const count = 100;
  const noise = randomBytes(4_096);
  for (let i = 0; i < count; i += 1) {
    const length = randomInt(randomInt(1, 2_000));
    const from = randomInt(noise.length - Math.min(length, 2_000));
    const body = noise.subarray(from, from + length);
    const header = Buffer.alloc(4);
    header.writeUInt32BE(breaksRules ? wordOf(body.length) : body.length);
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

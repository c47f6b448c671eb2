/**
 * Measures how soon listed peers are let in: `node bench/admission.mjs`, once the package is built; `npm run torture` runs it first.
 *
 * - `herd`: 40 peers of one address that only dial, after a restart of the listener, of the peers, and of both.
 * - `attack`: one peer that only dials, while somebody opens 100 connections a second from its address: silent ones, garbage,
 *   handshakes with a key that is not listed, and knocks in a listed peer's name. The peer is a new process each time, for
 *   this listener, so nothing of an earlier link helps it.
 *
 * All limits are the defaults. Fails if the last of the herd needs more than 5 s, or the attack costs a peer more than 2 s.
 */
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { connect as connectTcp } from "node:net";
import { connect } from "node:tls";
import { importKey } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { tls } from "../dist/tls/index.js";
import { member } from "./member.mjs";

const HERD = 40;
const HERD_PROCESSES = 4;
const HERD_MS_MAX = 5_000;
const CONNECTIONS_PER_SECOND = 100;
const DELAY_MS_MAX = 2_000;
/** So long the attack goes on before the peer comes: every allowance is used up. */
const HEAD_START_MS = 3_000;
/** Long enough that pauses between attempts have become the longest. */
const OUTAGE_MS = 5_000;
const ROUNDS = 3;
const KINDS = ["silence", "garbage", "handshake", "knock"];
const ROLES = { listener, dialers, attacker };

if (process.argv[2] in ROLES) {
  process.once("message", ROLES[process.argv[2]]);
  process.once("disconnect", () => process.exit());
} else {
  await herd();
  await attack();
  process.exit(process.exitCode ?? 0);
}

async function herd() {
  const self = await member("listener");
  const peers = await Promise.all(Array.from({ length: HERD }, (_, index) => member(`peer${index}`)));
  const port = 20_000 + (process.pid % 10_000);
  const listen = () => start("listener", { self, peers, port });
  const dial = () => Array.from({ length: HERD_PROCESSES }, (_, part) => start("dialers", { self, port, peers: peers.filter((_peer, index) => index % HERD_PROCESSES === part) }));
  const openedMs = async (processes) => Math.max(...(await Promise.all(processes.map((one) => one.reply()))).map(({ atMs }) => atMs));

  let dialing = dial();
  let listening = listen();
  let from = await openedMs([listening, ...dialing]);
  report("herd: first start", await linkedAfter(listening, from));
  for (const what of ["the listener", "the peers", "both"]) {
    const stopped = [...(what === "the peers" ? [] : [listening]), ...(what === "the listener" ? [] : dialing)];
    for (const one of stopped) one.kill();
    await sleep(OUTAGE_MS);
    if (what !== "the listener") dialing = dial();
    if (what !== "the peers") listening = listen();
    from = await openedMs([...(what === "the peers" ? [] : [listening]), ...(what === "the listener" ? [] : dialing)]);
    report(`herd: restart of ${what}`, await linkedAfter(listening, from));
  }
  for (const one of [listening, ...dialing]) one.kill();

  function report(name, { ms, refused }) {
    console.log(`${name}: ${HERD} of ${HERD} linked after ${ms.toFixed(0)} ms (at most ${HERD_MS_MAX}), refused ${JSON.stringify(refused)}`);
    if (ms > HERD_MS_MAX) fail(`${name}: the last was too late`);
  }
}

/** Resolves when all links of the listener are up. */
async function linkedAfter(listening, fromMs) {
  for (;;) {
    const { up, lastMs, refused } = await listening.ask();
    if (up === HERD) return { ms: Math.max(0, lastMs - fromMs), refused };
    await sleep(20);
  }
}

async function attack() {
  const [self, peer, stranger] = [await member("listener"), await member("peer"), await member("stranger")];
  const port = 30_000 + (process.pid % 10_000);
  const once = async (kind) => {
    const listening = start("listener", { self, peers: [peer], port });
    await listening.reply();
    const attacking = kind && start("attacker", { kind, self, peer, stranger, port });
    await attacking?.reply();
    await sleep(kind ? HEAD_START_MS : 200);
    const fromMs = now();
    const links = await open(peer, [self], { port });
    await new Promise((resolve) => links.onLink(resolve));
    const ms = now() - fromMs;
    const { refused } = await listening.ask();
    await links.close(100);
    attacking?.kill();
    listening.kill();
    return { ms, refused };
  };
  const peace = [];
  for (let round = 0; round < ROUNDS; round += 1) peace.push((await once()).ms);
  console.log(`attack: in peace a peer is linked after ${spread(peace)} ms`);
  for (const kind of KINDS) {
    const rounds = [];
    let refused;
    for (let round = 0; round < ROUNDS; round += 1) {
      const result = await once(kind);
      rounds.push(result.ms);
      refused = result.refused;
    }
    const delayMs = Math.max(...rounds) - Math.min(...peace);
    console.log(`attack: ${CONNECTIONS_PER_SECOND} connections a second, ${kind}: linked after ${spread(rounds)} ms, delayed by at most ${delayMs.toFixed(0)} ms (at most ${DELAY_MS_MAX}), refused ${JSON.stringify(refused)}`);
    if (delayMs > DELAY_MS_MAX) fail(`${kind}: the peer was kept out`);
  }
}

/** Median and extremes. */
function spread(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return `${sorted[sorted.length >> 1].toFixed(0)} (${sorted[0].toFixed(0)} to ${sorted.at(-1).toFixed(0)})`;
}

function fail(reason) {
  console.log(`FAILED: ${reason}`);
  process.exitCode = 1;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Milliseconds that mean the same in all processes. */
function now() {
  return performance.timeOrigin + performance.now();
}

function start(role, setup) {
  const child = fork(new URL(import.meta.url), [role]);
  let killed = false;
  child.on("exit", (code) => {
    if (killed) return;
    console.log(`FAILED: ${role} ended with ${code}`);
    process.exit(1);
  });
  child.send(setup);
  const reply = () => new Promise((resolve) => child.once("message", resolve));
  return {
    reply,
    ask: () => (child.send({}), reply()),
    kill: () => {
      killed = true;
      child.kill("SIGKILL");
    },
  };
}

function open(self, others, address, options) {
  return tls({
    self: peerId(self.id),
    cluster: "admission",
    key: importKey("ed25519", Buffer.from(self.seed, "hex")),
    certificate: self.certificate,
    peers: others.map(({ id, publicKey }) => ({ id: peerId(id), publicKey: Buffer.from(publicKey, "hex"), ...(address && { host: "127.0.0.1", ...address }) })),
    ...options,
  });
}

async function listener({ self, peers, port }) {
  const links = await open(self, peers, undefined, { listen: { port } });
  let [up, lastMs] = [0, 0];
  links.onLink((_peer, state) => {
    if (state === "up") [up, lastMs] = [up + 1, now()];
    if (state === "down") up -= 1;
  });
  process.on("message", () => process.send({ up, lastMs, refused: links.stats().refused }));
  process.send({ atMs: now() });
}

async function dialers({ self, peers, port }) {
  await Promise.all(peers.map((peer) => open(peer, [self], { port })));
  process.send({ atMs: now() });
}

function attacker({ kind, peer, stranger, port }) {
  // A knock with the id of a listed key, and a signature that is none.
  const knock = Buffer.concat([Buffer.from("void-knock/1 "), Buffer.from(peer.keyId, "hex"), randomBytes(64)]);
  const link = Buffer.from("void-link/4");
  const protocols = [link, ...(kind === "knock" ? [knock] : [])].flatMap((name) => [Buffer.of(name.length), name]);
  const options = { host: "127.0.0.1", port, key: stranger.pem, cert: stranger.certificate, rejectUnauthorized: false, ALPNProtocols: Buffer.concat(protocols) };
  setInterval(() => {
    const socket = kind === "handshake" || kind === "knock" ? connect(options) : connectTcp({ host: "127.0.0.1", port });
    socket.on("error", () => undefined);
    if (kind === "garbage") socket.write(randomBytes(200));
    setTimeout(() => socket.destroy(), 10_000).unref();
  }, 1_000 / CONNECTIONS_PER_SECOND);
  process.send("ready");
}

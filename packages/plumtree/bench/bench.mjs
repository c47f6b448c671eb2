/**
 * What a broadcast costs: payloads sent over links, and CPU, beside flooding (every node passes on what is new to it, to
 * all neighbours but the one it came from). Both on the same graph of nodes in one process: a ring with two chords a node.
 * And the pace of a few nodes that are all neighbours, beside sending to each of the others over the same kind of hub,
 * which is the least that can be done: nothing is named, kept, repaired or passed on. Gossipsub runs on streams of
 * libp2p and not on a hub in memory, so it is not here.
 *
 * Thousands of nodes run in `@void-system/simulation`, on the same graph, with links of 0.2 to 5 ms: there payloads and
 * virtual time are counted, which are the same on every machine. No broadcast over these links is sooner everywhere than
 * a flood.
 */
import { writeFileSync } from "node:fs";
import { channel, memoryHub, peerId, platformWorld } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { PlumtreeNode } from "../dist/index.js";

const NODES = 32;
const WARM = 100;
const MESSAGES = 400;
const ROUNDS = 5;
/** Nodes that are all neighbours, and how many broadcasts are under way at a time. */
const FEW = 4;
const WAVE = 100;
const VALUE = new Uint8Array(256);
/** Nodes in the simulator; messages that form the tree, and messages that are measured. */
const MANY = 2_000;
const MANY_WARM = 20;
const MANY_MESSAGES = 20;
const COMMAND = "npm run bench -w packages/plumtree";

const ids = Array.from({ length: NODES }, (_, index) => peerId(`n${index}`));
const links = ringWithChords(NODES, [1, 5, 11]);

/** Pairs of indices. */
function ringWithChords(nodes, steps) {
  const pairs = Array.from({ length: nodes }, (_, index) => steps.map((step) => [index, (index + step) % nodes].sort((a, b) => a - b).join())).flat();
  return [...new Set(pairs)].map((pair) => pair.split(",").map(Number));
}

async function tree() {
  const hub = memoryHub();
  const nodes = ids.map((id) => new PlumtreeNode(id, { world: platformWorld({ network: channel(hub.join(id), 1) }) }));
  for (const [one, other] of links) nodes[one].addPeer(ids[other]);
  const heard = counter();
  for (const node of nodes) node.subscribe(heard.one);
  const send = () => nodes[0].broadcast(VALUE);
  await run(send, heard, WARM);
  const before = sum(nodes, "payloadsSent");
  const cpu = await run(send, heard, MESSAGES);
  const payloads = sum(nodes, "payloadsSent") - before;
  for (const node of nodes) node.close();
  return { cpu, payloads: payloads / MESSAGES };
}

async function flood() {
  const hub = memoryHub();
  const neighbours = ids.map((_, index) => links.flatMap(([one, other]) => (one === index ? [ids[other]] : other === index ? [ids[one]] : [])));
  const heard = counter();
  let payloads = 0;
  const networks = ids.map((id, index) => {
    const network = hub.join(id);
    const seen = new Set();
    network.onFrame((from, frame) => {
      const number = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
      if (seen.has(number)) return;
      seen.add(number);
      if (index !== 0) heard.one();
      for (const peer of neighbours[index]) if (peer !== from) push(network, peer, frame);
    });
    return network;
  });
  const push = (network, peer, frame) => {
    payloads++;
    network.send(peer, frame);
  };
  let number = 0;
  const send = () => {
    const frame = new Uint8Array(4 + VALUE.length);
    new DataView(frame.buffer).setUint32(0, ++number);
    for (const peer of neighbours[0]) push(networks[0], peer, frame);
  };
  await run(send, heard, WARM);
  const before = payloads;
  const cpu = await run(send, heard, MESSAGES);
  for (const network of networks) network.leave();
  return { cpu, payloads: (payloads - before) / MESSAGES };
}

/** `boot` gives each node what it does on hearing a message, and returns how to send one and the payloads sent so far. */
function many(boot) {
  const names = Array.from({ length: MANY }, (_, index) => peerId(`n${index}`));
  const neighbours = names.map(() => []);
  for (const [one, other] of manyLinks) {
    neighbours[one].push(names[other]);
    neighbours[other].push(names[one]);
  }
  const added = new Map(names.map((name, index) => [name, neighbours[index]]));
  const simulation = new Simulation({ seed: 1, network: { linked: (name) => added.get(name) } });
  let missing = 0;
  const one = () => void (missing -= 1);
  const nodes = [];
  for (const [index, name] of names.entries()) {
    simulation.node(name, (world) => void (nodes[index] = boot(world, neighbours[index], one)));
    simulation.start(name);
  }
  simulation.run({ forMs: 1_000 });
  const payloads = () => nodes.reduce((total, node) => total + node.payloads(), 0);
  let tookMs = 0;
  let before = 0;
  for (let message = -MANY_WARM; message < MANY_MESSAGES; message += 1) {
    if (message === 0) [tookMs, before] = [0, payloads()];
    const began = simulation.now;
    missing = MANY - 1;
    simulation.call(names[0], () => nodes[0].send());
    simulation.runUntil(() => missing === 0);
    tookMs += simulation.now - began;
    simulation.run({ forMs: 1_000 });
  }
  return { payloads: (payloads() - before) / MANY_MESSAGES, ms: tookMs / MANY_MESSAGES };
}

function manyTree(world, neighbours, heard) {
  const node = new PlumtreeNode(world.network.self, { world });
  for (const peer of neighbours) node.addPeer(peer);
  node.subscribe(heard);
  return { send: () => node.broadcast(VALUE), payloads: () => node.stats().payloadsSent };
}

function manyFlood({ network }, neighbours, heard) {
  let seen = 0;
  let payloads = 0;
  const pass = (frame, from) => {
    for (const peer of neighbours) {
      if (peer === from) continue;
      payloads += 1;
      network.send(peer, frame);
    }
  };
  network.onFrame((from, frame) => {
    const number = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
    // One message is under way at a time.
    if (number <= seen) return;
    seen = number;
    heard();
    pass(frame, from);
  });
  const send = () => {
    const frame = new Uint8Array(4 + VALUE.length);
    new DataView(frame.buffer).setUint32(0, ++seen);
    pass(frame);
  };
  return { send, payloads: () => payloads };
}

/** All neighbours of each other; returns what sends from the first of them, and what ends the group. */
function fewNodes(heard) {
  const hub = memoryHub();
  const few = ids.slice(0, FEW);
  const nodes = few.map((id) => new PlumtreeNode(id, { world: platformWorld({ network: channel(hub.join(id), 1) }) }));
  for (const node of nodes) node.subscribe(heard.one);
  for (const [index, node] of nodes.entries()) for (const other of few.slice(index + 1)) node.addPeer(other);
  return { send: () => nodes[0].broadcast(VALUE), close: () => nodes.forEach((node) => node.close()) };
}

function fewMembers(heard) {
  const hub = memoryHub();
  const few = ids.slice(0, FEW);
  const members = few.map((id) => hub.join(id));
  for (const member of members) member.onFrame(heard.one);
  const send = () => few.forEach((id) => id !== members[0].self && members[0].send(id, VALUE));
  return { send, close: () => members.forEach((member) => member.leave()) };
}

/** Broadcasts per second of CPU time, a wave when the one before is everywhere. */
async function pace(group, waves) {
  const heard = counter();
  const { send, close } = group(heard);
  let began;
  for (let wave = -waves / 4; wave < waves; wave++) {
    if (wave === 0) began = process.cpuUsage();
    const all = heard.until(WAVE * (FEW - 1));
    for (let index = 0; index < WAVE; index++) send();
    await all;
  }
  const { user, system } = process.cpuUsage(began);
  close();
  return (waves * WAVE * 1e6) / (user + system);
}

/** Sends one message after the other, each when all have heard the one before; microseconds of CPU a message. */
async function run(send, heard, messages) {
  const began = process.cpuUsage();
  for (let message = 0; message < messages; message++) {
    const all = heard.until(NODES - 1);
    send();
    await all;
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / messages;
}

function counter() {
  let count = 0;
  let done;
  return {
    one: () => {
      if (--count === 0) done();
    },
    until: (wanted) => {
      count = wanted;
      return new Promise((resolve) => (done = resolve));
    },
  };
}

function sum(nodes, name) {
  return nodes.reduce((total, node) => total + node.stats()[name], 0);
}

const manyLinks = ringWithChords(MANY, [1, 61, 509]);
const large = { tree: many(manyTree), flood: many(manyFlood) };
const measured = { tree: [], flood: [] };
const paces = { nodes: [], direct: [] };
for (let round = 0; round < ROUNDS; round++) {
  measured.tree.push(await tree());
  measured.flood.push(await flood());
  paces.nodes.push(await pace(fewNodes, 40));
  paces.direct.push(await pace(fewMembers, 1_000));
}
const of = (who, field) => measured[who].map((one) => one[field]);
const FLOODING = "flooding, unauthenticated, nothing repaired";
const rows = [
  row(`payloads a message sends, ${NODES} nodes, ${links.length} links`, "payloads", "lower", of("tree", "payloads"), FLOODING, of("flood", "payloads"), 1.5),
  row(`a message of ${VALUE.length} B to ${NODES} nodes, all of their CPU`, "CPU us", "lower", of("tree", "cpu"), FLOODING, of("flood", "cpu"), 0.03),
  row(`messages of ${VALUE.length} B to ${FEW} nodes, ${WAVE} at a time`, "per CPU second", "higher", paces.nodes, "direct sends", paces.direct, 0.003),
  row(`payloads a message sends, ${MANY.toLocaleString("en")} nodes, ${manyLinks.length.toLocaleString("en")} links, simulated`, "payloads", "lower", [large.tree.payloads], FLOODING, [large.flood.payloads], 1.5),
  row(`until all of ${MANY.toLocaleString("en")} nodes have a message, simulated`, "virtual ms", "lower", [large.tree.ms], FLOODING, [large.flood.ms], 0.3),
];
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
for (const { name, unit, ours, against, ratio } of rows) console.log(`${name}: ${ours} ${unit}, ${against[0].name} ${against[0].value}, ratio ${ratio}`);

function row(name, unit, better, ours, floorName, floor, bar) {
  const against = [{ name: floorName, version: "bench.mjs", kind: "floor", value: round4(median(floor)) }];
  const ratio = median(ours.map((value, round) => (better === "lower" ? floor[round] / value : value / floor[round])));
  return { name, unit, better, ours: round4(median(ours)), against, ratio: round4(ratio), bar, command: COMMAND };
}

function round4(value) {
  return Number(value.toPrecision(4));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

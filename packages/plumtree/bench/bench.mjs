/**
 * What a broadcast costs: payloads sent over links, and CPU, beside flooding (every node passes on what is new to it, to
 * all neighbours but the one it came from). Both on the same graph of nodes in one process: a ring with two chords a node.
 */
import { writeFileSync } from "node:fs";
import { channel, memoryHub, peerId, platformWorld } from "@void-system/effects";
import { PlumtreeNode } from "../dist/index.js";

const NODES = 32;
const WARM = 100;
const MESSAGES = 400;
const ROUNDS = 5;
const VALUE = new Uint8Array(256);
const COMMAND = "npm run bench -w packages/plumtree";

const ids = Array.from({ length: NODES }, (_, index) => peerId(`n${index}`));
const links = [...new Set(ids.flatMap((_, index) => [1, 5, 11].map((step) => [index, (index + step) % NODES].sort((a, b) => a - b).join())))]
  .map((pair) => pair.split(",").map(Number));

async function tree() {
  const hub = memoryHub();
  const nodes = ids.map((id) => new PlumtreeNode(id, { world: platformWorld({ network: channel(hub.join(id), 1) }) }));
  for (const [one, other] of links) nodes[one].addPeer(ids[other]);
  const heard = counter();
  for (const node of nodes) node.onMessage(heard.one);
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

const measured = { tree: [], flood: [] };
for (let round = 0; round < ROUNDS; round++) {
  measured.tree.push(await tree());
  measured.flood.push(await flood());
}
const rows = [
  row(`payloads a message sends, ${NODES} nodes, ${links.length} links`, "payloads", "payloads", 1.5),
  row(`a message of ${VALUE.length} B to ${NODES} nodes, all of their CPU`, "CPU us", "cpu", 0.03),
];
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
for (const { name, unit, ours, against, ratio } of rows) console.log(`${name}: ${ours} ${unit}, flooding ${against[0].value}, ratio ${ratio}`);

function row(name, unit, field, bar) {
  const of = (who) => measured[who].map((one) => one[field]);
  const against = [{ name: "flooding, unauthenticated, nothing repaired", version: "bench.mjs", kind: "floor", value: round4(median(of("flood"))) }];
  const ratio = median(of("tree").map((value, round) => of("flood")[round] / value));
  return { name, unit, better: "lower", ours: round4(median(of("tree"))), against, ratio: round4(ratio), bar, command: COMMAND };
}

function round4(value) {
  return Number(value.toPrecision(4));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

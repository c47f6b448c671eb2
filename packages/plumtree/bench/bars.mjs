/**
 * The bars that plumtree must hold, each under a name: `npm run bench -w packages/plumtree -- NAME [NODES] [SEED...]`. Prints
 * a line a seed, and the worst.
 */
import { Members } from "./members.mjs";
import { Overlay, redundancy } from "./overlay.mjs";

const max = (values) => values.reduce((most, value) => Math.max(most, value), 0);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Ten seconds of quiet between broadcasts of one sender: the tree at rest. */
function steady({ count, seed }) {
  const overlay = new Overlay({ count, seed });
  const rounds = Array.from({ length: 15 }, () => {
    const before = overlay.control;
    const broadcast = overlay.broadcast(overlay.names[0]);
    overlay.run(2_000);
    return { broadcast, control: (overlay.control - before) / count };
  });
  const last = rounds.slice(-5);
  return {
    redundancy: max(last.map(({ broadcast }) => redundancy(broadcast))),
    hops: max(last.map(({ broadcast }) => broadcast.hops)),
    "control frames a node": max(last.map(({ control }) => control)),
    missed: max(last.map(({ broadcast }) => count - 1 - broadcast.deliveries.size)),
    "first redundancy": redundancy(rounds[0].broadcast),
  };
}

/** Twenty broadcasts a second of one sender. */
function rate({ count, seed }) {
  const overlay = new Overlay({ count, seed });
  for (let index = 0; index < 10; index += 1) {
    overlay.broadcast(overlay.names[0]);
    overlay.run(1_000);
  }
  const before = overlay.control;
  const broadcasts = Array.from({ length: 60 }, () => {
    const broadcast = overlay.broadcast(overlay.names[0]);
    overlay.run(50);
    return broadcast;
  });
  overlay.run(3_000);
  return {
    "control frames a node": (overlay.control - before) / count / broadcasts.length,
    redundancy: mean(broadcasts.map(redundancy)),
    missed: max(broadcasts.map(({ deliveries }) => count - 1 - deliveries.size)),
  };
}

/** A hundred senders, five broadcasts a second. */
function senders({ count, seed }) {
  const overlay = new Overlay({ count, seed });
  const from = (index) => overlay.names[((index % 100) * Math.floor(count / 100)) % count];
  const broadcasts = Array.from({ length: 300 }, (_, index) => {
    const broadcast = overlay.broadcast(from(index));
    overlay.run(200);
    return broadcast;
  });
  overlay.run(5_000);
  const last = broadcasts.slice(-100);
  return {
    redundancy: mean(last.map(redundancy)),
    "worst redundancy": max(last.map(redundancy)),
    hops: max(last.map(({ hops }) => hops)),
    missed: max(broadcasts.map(({ deliveries }) => count - 1 - deliveries.size)),
  };
}

/** Latency from 10–50 ms to 200–800 ms in the middle. */
function latency({ count, seed }) {
  const overlay = new Overlay({ count, seed });
  const send = (times) =>
    Array.from({ length: times }, () => {
      const broadcast = overlay.broadcast(overlay.names[0]);
      overlay.run(2_000);
      return broadcast;
    });
  send(10);
  for (const [name, peers] of overlay.neighbours)
    for (const peer of peers) overlay.simulation.setLink(name, peer, { minDelayMs: 200, maxDelayMs: 800 });
  const after = send(20);
  overlay.run(20_000);
  return {
    "redundancy by round": after.slice(0, 12).map((one) => redundancy(one).toFixed(3)).join(" "),
    redundancy: max(after.slice(9).map(redundancy)),
    hops: max(after.slice(9).map(({ hops }) => hops)),
    missed: max(after.map(({ deliveries }) => count - 1 - deliveries.size)),
  };
}

/** A partition in two halves for 30 s, while both broadcast. */
function partition({ count, seed }) {
  const overlay = new Overlay({ count, seed });
  for (let index = 0; index < 5; index += 1) {
    overlay.broadcast(overlay.names[index]);
    overlay.run(1_000);
  }
  overlay.simulation.partition([overlay.names.slice(0, count / 2)]);
  const broadcasts = [];
  for (let index = 0; index < 30; index += 1) {
    for (const name of [overlay.names[0], overlay.names[count - 1]]) broadcasts.push(overlay.broadcast(name));
    overlay.run(1_000);
  }
  overlay.simulation.heal();
  overlay.run(30_000);
  return whole(overlay, broadcasts);
}

/** A fifth of all frames lost, `lossy` mode. */
function loss({ count, seed }) {
  const overlay = new Overlay({ count, seed, network: { loss: 0.2 }, options: { lossy: true } });
  const broadcasts = [];
  for (let index = 0; index < 30; index += 1) {
    broadcasts.push(overlay.broadcast(overlay.names[index % 3]));
    overlay.run(500);
  }
  overlay.run(30_000);
  return { ...whole(overlay, broadcasts), "last after ms": max(broadcasts.map(({ sentMs, lastMs }) => lastMs - sentMs)) };
}

/** Four nodes, one of them away for 3 s, at 3,000 messages a second. */
function away({ seed, cacheBytes }) {
  const overlay = new Overlay({ count: 4, seed, degree: 4, delayMs: [1, 5], network: { linkFramesMax: 65_536 }, options: { ordered: true, ...(cacheBytes && { cacheBytes }) } });
  const broadcasts = [];
  const burst = (forMs) => {
    for (let ms = 0; ms < forMs; ms += 10) {
      for (let index = 0; index < 30; index += 1) broadcasts.push(overlay.broadcast(overlay.names[0], broadcasts.length));
      overlay.run(10);
    }
  };
  burst(1_000);
  overlay.simulation.partition([[overlay.names[3]]]);
  burst(3_000);
  overlay.simulation.heal();
  burst(1_000);
  overlay.run(30_000);
  return whole(overlay, broadcasts);
}

/** Counts what each node got once, more often, and not at all, and what of the last it was told of by gaps. */
function whole(overlay, broadcasts) {
  let [missed, doubled] = [0, 0];
  for (const { id, deliveries } of broadcasts)
    for (const name of overlay.names) {
      if (id.startsWith(`${name}/`)) continue;
      if (!deliveries.has(name)) missed += 1;
      else if (deliveries.get(name) > 1) doubled += 1;
    }
  const told = overlay.gaps.reduce((sum, { from, to }) => sum + to - (from ?? 1) + 1, 0);
  return { broadcasts: broadcasts.length, missed, "told of by gaps": told, doubled };
}

/** A share of all nodes crashes at once. Broadcasts of a survivor, 2 s apart. */
function crash(share, { count, seed }) {
  const members = new Members({ count, seed });
  const [sender] = members.names;
  const send = (times) =>
    Array.from({ length: times }, () => {
      const broadcast = members.broadcast(sender);
      members.run(2_000);
      return broadcast;
    });
  const before = send(8).slice(-3);
  const survivors = members.crash(share);
  const after = send(20);
  members.run(10_000);
  const reached = after.map(({ deliveries }) => survivors.filter((name) => name === sender || deliveries.has(name)).length / survivors.length);
  const neighbours = survivors.map((name) => members.nodes.get(name).stats().neighbours);
  const rounds = (of) => after.map(of).join(" ");
  return {
    "redundancy before": max(before.map(redundancy)),
    "hops before": max(before.map(({ hops }) => hops)),
    survivors: survivors.length,
    "reached by round, in percent": reached.map((share) => (100 * share).toFixed(2)).join(" "),
    "reached from round 5 on": reached.slice(4).reduce((least, share) => Math.min(least, share), 1),
    "hops by round": rounds(({ hops }) => hops),
    "last after ms, by round": rounds(({ lastMs, sentMs }) => lastMs - sentMs),
    "redundancy by round": rounds((one) => redundancy(one).toFixed(3)),
    "neighbours, mean": mean(neighbours),
  };
}

/** Copies of the payload against the number of nodes. */
function copies({ count, seed }) {
  const overlay = new Overlay({ count, seed });
  for (let index = 0; index < 10; index += 1) {
    overlay.broadcast(overlay.names[0]);
    overlay.run(2_000);
  }
  const broadcast = overlay.broadcast(overlay.names[0]);
  overlay.run(5_000);
  const flooded = [...overlay.neighbours.values()].reduce((sum, peers) => sum + peers.length, 0) - count + 1;
  return { nodes: count, copies: broadcast.copies, "n - 1": count - 1, flooding: flooded };
}

const BARS = {
  steady: { run: steady, count: 10_000 },
  rate: { run: rate, count: 10_000 },
  senders: { run: senders, count: 1_000 },
  latency: { run: latency, count: 1_000 },
  partition: { run: partition, count: 100 },
  loss: { run: loss, count: 100 },
  away: { run: away, count: 4 },
  "away-gap": { run: (options) => away({ ...options, cacheBytes: 500_000 }), count: 4 },
  "crash-30": { run: (options) => crash(0.3, options), count: 10_000 },
  "crash-50": { run: (options) => crash(0.5, options), count: 10_000 },
  "crash-80": { run: (options) => crash(0.8, options), count: 10_000 },
  copies: { run: copies, count: 1_000 },
};

/** Runs a bar for each seed, and prints what it counted. */
export function runBar(name, [given, ...seeds]) {
  const bar = BARS[name];
  if (!bar) throw new Error(`expected one of ${Object.keys(BARS).join(", ")}, got ${name}`);
  const count = Number(given || bar.count);
  for (const seed of seeds.length > 0 ? seeds.map(Number) : [1, 2, 3, 4, 5]) {
    const began = process.cpuUsage();
    const result = bar.run({ count, seed });
    const { user, system } = process.cpuUsage(began);
    const fields = Object.entries(result).map(([key, value]) => `${key} ${typeof value === "number" ? Number(value.toFixed(4)) : value}`);
    console.log(`${name}, ${count} nodes, seed ${seed}: ${fields.join(", ")} (${((user + system) / 1e6).toFixed(1)} CPU-s)`);
  }
}

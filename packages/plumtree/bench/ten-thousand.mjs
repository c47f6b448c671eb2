/**
 * Ten thousand nodes in the simulator of `@void-system/simulation`, beside the same nodes over a bare heap of callbacks:
 * a clock and links with a delay, and nothing else. The difference is the simulator's own part.
 *
 * `node bench/ten-thousand.mjs [nodes] [broadcasts]`, after a build. Settings: a ring with random chords, 5 links a node on
 * average, 10 to 50 ms a frame, one sender, a broadcast of 256 bytes every 200 ms, and 5 s of quiet before and after.
 */
import { peerId, SeededRandom } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { cpuNs } from "../../../scripts/measure.mjs";
import { PlumtreeNode } from "../dist/index.js";

const [NODES = 10_000, BROADCASTS = 60] = process.argv.slice(2).map(Number);
const EVERY_MS = 200;
const QUIET_MS = 5_000;
const DELAY_MS = [10, 50];
const LINKS = 5;
const VALUE = new Uint8Array(256);

const names = Array.from({ length: NODES }, (_, index) => peerId(`n${index}`));
const neighbours = overlay();

function overlay() {
  const random = new SeededRandom(1);
  const sets = names.map(() => new Set());
  const link = (one, other) => {
    if (one === other) return;
    sets[one].add(other);
    sets[other].add(one);
  };
  for (let node = 0; node < NODES; node += 1) link(node, (node + 1) % NODES);
  for (let chord = 0; chord < (NODES * (LINKS - 2)) / 2; chord += 1) link(random.below(NODES), random.below(NODES));
  return new Map(names.map((name, node) => [name, [...sets[node]].map((other) => names[other])]));
}

/** Runs the broadcasts in a world, and returns CPU seconds, events and deliveries. */
function measure({ boot, at, run, events }) {
  const start = cpuNs();
  let delivered = 0;
  const nodes = new Map();
  for (const name of names)
    boot(name, (world) => {
      const node = new PlumtreeNode(name, { world });
      for (const peer of neighbours.get(name)) node.addPeer(peer);
      node.subscribe(() => void (delivered += 1));
      nodes.set(name, node);
    });
  for (let count = 0; count < BROADCASTS; count += 1) at(QUIET_MS + count * EVERY_MS, names[0], () => nodes.get(names[0]).broadcast(VALUE));
  run(2 * QUIET_MS + BROADCASTS * EVERY_MS);
  return { seconds: (cpuNs() - start) / 1e9, events: events(), delivered };
}

function simulator() {
  const simulation = new Simulation({
    seed: 1,
    network: { linked: (name) => neighbours.get(name), minDelayMs: DELAY_MS[0], maxDelayMs: DELAY_MS[1] },
  });
  return measure({
    boot: (name, program) => {
      simulation.node(name, program);
      simulation.start(name);
    },
    at: (ms, name, work) => simulation.at(ms, () => void simulation.call(name, work)),
    run: (untilMs) => simulation.run({ untilMs }),
    events: () => simulation.events,
  });
}

function bareHeap() {
  const { push, run, now, events } = heap();
  const handlers = new Map();
  const random = new SeededRandom(1);
  const worldOf = (self) => {
    const last = new Map(neighbours.get(self).map((peer) => [peer, 0]));
    return {
      clock: {
        wallMs: () => 1_700_000_000_000 + Math.floor(now() / 1000),
        monotonicMs: () => now() / 1000,
        schedule: (ms, wake) => {
          if (ms === Infinity) return () => undefined;
          let isWanted = true;
          push(now() + Math.max(1, Math.ceil(ms * 1000)), () => isWanted && wake());
          return () => void (isWanted = false);
        },
      },
      random: { next: () => random.next(), bytes: (length) => random.bytes(length) },
      network: {
        self,
        send: (to, frame) => {
          const atUs = Math.max(now() + random.between(DELAY_MS[0] * 1000, DELAY_MS[1] * 1000), last.get(to) + 1);
          last.set(to, atUs);
          push(atUs, () => handlers.get(to)(self, frame));
          return "sent";
        },
        onFrame: (handle) => {
          handlers.set(self, handle);
          return () => undefined;
        },
        onLink: (handle) => {
          for (const peer of neighbours.get(self)) push(now() + 20_000, () => handle(peer, "up"));
          return () => undefined;
        },
      },
      logger: { log: () => undefined },
    };
  };
  return measure({
    boot: (name, program) => push(0, () => program(worldOf(name))),
    at: (ms, _name, work) => push(ms * 1000, work),
    run: (untilMs) => run(untilMs * 1000),
    events,
  });
}

function heap() {
  const items = [];
  let nowUs = 0;
  let happened = 0;
  const push = (time, work) => {
    const item = { time, work };
    let at = items.push(item) - 1;
    for (let above = (at - 1) >> 1; at > 0 && items[above].time > time; above = (at - 1) >> 1) {
      items[at] = items[above];
      at = above;
    }
    items[at] = item;
  };
  const pop = () => {
    const [first] = items;
    const last = items.pop();
    if (items.length === 0) return first;
    let at = 0;
    for (let below = 1; below < items.length; below = 2 * at + 1) {
      if (below + 1 < items.length && items[below + 1].time < items[below].time) below += 1;
      if (items[below].time >= last.time) break;
      items[at] = items[below];
      at = below;
    }
    items[at] = last;
    return first;
  };
  const run = (untilUs) => {
    while (items.length > 0 && items[0].time <= untilUs) {
      const { time, work } = pop();
      nowUs = time;
      happened += 1;
      work();
    }
  };
  return { push, run, now: () => nowUs, events: () => happened };
}

const only = process.env.ONLY;
const floor = only === "ours" ? undefined : bareHeap();
const ours = only === "floor" ? undefined : simulator();
for (const [name, result] of Object.entries({ simulator: ours, "a bare heap": floor }))
  if (result) process.stdout.write(`${name}: ${result.seconds.toFixed(1)} CPU-s, ${result.events} events, ${result.delivered} deliveries\n`);
if (ours && floor) process.stdout.write(`the simulator's own part: ${(ours.seconds - floor.seconds).toFixed(1)} CPU-s\n`);

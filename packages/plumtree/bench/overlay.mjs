/**
 * Nodes on a fixed overlay in the simulator, counted by the network: every frame that a node sends is decoded by the
 * harness, which counts copies of payloads, links behind them, control frames and digests apart. Nothing that a node
 * says of itself enters a figure, except what it delivers.
 */
import { peerId, SeededRandom } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { messageCodec, PlumtreeNode } from "../dist/index.js";

/** The second byte of a frame; from VIEWS on it is a message of membership. */
export const [GOSSIP, SYNC, VIEWS] = [0, 1, 6];

/** Counts a copy of the payload of a broadcast, and the links behind it. */
export function copyCounted(broadcasts, { origin, epoch, counter, round }) {
  const broadcast = broadcasts.get(`${origin}/${epoch.toString(16).padStart(14, "0")}/${counter}`);
  if (!broadcast) return;
  broadcast.copies += 1;
  broadcast.hops = Math.max(broadcast.hops, round);
}

/** A ring with random chords: `degree` links a node on average. */
function ringWithChords(names, degree, seed) {
  const random = new SeededRandom(seed, "overlay");
  const sets = names.map(() => new Set());
  const link = (one, other) => {
    if (one === other) return;
    sets[one].add(other);
    sets[other].add(one);
  };
  for (let node = 0; node < names.length; node += 1) link(node, (node + 1) % names.length);
  for (let chord = 0; chord < (names.length * (degree - 2)) / 2; chord += 1) link(random.below(names.length), random.below(names.length));
  return new Map(names.map((name, node) => [name, [...sets[node]].map((other) => names[other])]));
}

/** A running overlay. `options` are those of the nodes, `network` those of the simulated network. */
export class Overlay {
  /** Counts of each broadcast, by its id. */
  broadcasts = new Map();
  nodes = new Map();
  /** Gaps that each node was given. */
  gaps = [];
  control = 0;
  digests = 0;
  steps = 0;

  constructor({ count, seed, degree = 5, delayMs = [10, 50], network = {}, options = {} }) {
    this.names = Array.from({ length: count }, (_, index) => peerId(`n${index}`));
    const neighbours = degree >= count ? new Map(this.names.map((name) => [name, this.names.filter((other) => other !== name)])) : ringWithChords(this.names, degree, seed);
    this.neighbours = neighbours;
    this.simulation = new Simulation({
      seed,
      network: { linked: (name) => neighbours.get(name), minDelayMs: delayMs[0], maxDelayMs: delayMs[1], ...network },
    });
    for (const name of this.names) {
      this.simulation.node(name, (world) => this.#boot(name, world, options));
      this.simulation.start(name);
    }
    this.simulation.run({ forMs: 5_000 });
  }

  #boot(name, world, options) {
    const node = new PlumtreeNode(name, { world: { ...world, network: this.#counted(world.network) }, ...options });
    for (const peer of this.neighbours.get(name)) if (name < peer) node.addPeer(peer);
    node.subscribe((event) => {
      if (event.type === "gap") this.gaps.push({ name, ...event });
      else this.#delivered(name, event);
    });
    this.nodes.set(name, node);
  }

  #delivered(name, { id }) {
    const broadcast = this.broadcasts.get(id);
    broadcast.deliveries.set(name, (broadcast.deliveries.get(name) ?? 0) + 1);
    broadcast.lastMs = this.simulation.now;
  }

  #counted(network) {
    const send = (to, frame) => {
      if (frame[1] === GOSSIP) {
        copyCounted(this.broadcasts, messageCodec.decode(frame).value);
      } else if (frame[1] === SYNC) this.digests += 1;
      else this.control += 1;
      return network.send(to, frame);
    };
    return { self: network.self, send, onFrame: (handle) => network.onFrame(handle), onLink: (handle) => network.onLink(handle) };
  }

  /** Broadcasts a value from a node, and returns its counts, which grow as the run goes on. */
  broadcast(from, value = new Uint8Array(256)) {
    const counts = { copies: 0, hops: 0, deliveries: new Map(), sentMs: this.simulation.now, lastMs: 0 };
    this.simulation.call(from, () => {
      counts.id = this.nodes.get(from).broadcast(value);
      this.broadcasts.set(counts.id, counts);
    });
    return counts;
  }

  run(forMs) {
    this.simulation.run({ forMs });
  }
}

/** Relative message redundancy of a broadcast that reached `reached` nodes, its origin included. */
export function redundancy({ copies, deliveries }) {
  return deliveries.size === 0 ? Number.POSITIVE_INFINITY : copies / deliveries.size - 1;
}

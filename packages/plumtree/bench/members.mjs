/**
 * Nodes with membership in the simulator: they join one after the other, each by a random earlier one, and dial each other. The
 * network counts copies and links behind them, as in overlay.mjs, and the frames of the views apart.
 */
import { peerId, SeededRandom } from "@void-system/effects";
import { Simulation } from "@void-system/simulation";
import { messageCodec, PlumtreeNode } from "../dist/index.js";
import { GOSSIP, VIEWS, copyCounted } from "./overlay.mjs";

const text = { to: new TextEncoder(), from: new TextDecoder() };
/** A record of this bench: the name alone. */
const recordOf = (name) => text.to.encode(name);
const readRecord = (record) => ({ name: peerId(text.from.decode(record)), address: "", expiresMs: Number.MAX_SAFE_INTEGER });

/** A running network of members. Of the nodes that crash, every other one is silent for 500 ms. */
export class Members {
  broadcasts = new Map();
  nodes = new Map();
  views = 0;

  constructor({ count, seed, view = "partial", joinEveryMs = 2, settleMs = 15_000 }) {
    this.names = Array.from({ length: count }, (_, index) => peerId(`n${index}`));
    this.random = new SeededRandom(seed, "members");
    this.simulation = new Simulation({
      seed,
      network: { linked: () => [], minDelayMs: 10, maxDelayMs: 50, silentMs: (name) => (Number(name.slice(1)) % 2 === 0 ? 500 : 0) },
    });
    for (const [index, name] of this.names.entries()) {
      const contacts = index === 0 ? [] : [{ name: this.names[this.random.below(index)], address: "" }];
      this.simulation.node(name, (world) => {
        const node = new PlumtreeNode(name, { world: { ...world, network: this.#counted(world.network) }, membership: { record: recordOf(name), readRecord, contacts, view } });
        node.subscribe((event) => event.type === "message" && this.#delivered(name, event));
        this.nodes.set(name, node);
      });
      this.simulation.at(index * joinEveryMs, () => this.simulation.start(name));
    }
    this.simulation.run({ forMs: count * joinEveryMs + settleMs });
  }

  #delivered(name, { id }) {
    const broadcast = this.broadcasts.get(id);
    broadcast.deliveries.add(name);
    broadcast.lastMs = this.simulation.now;
  }

  #counted(network) {
    const send = (to, frame) => {
      if (frame[1] === GOSSIP) copyCounted(this.broadcasts, messageCodec.decode(frame).value);
      else if (frame[1] >= VIEWS) this.views += 1;
      return network.send(to, frame);
    };
    return Object.assign(Object.create(network), { self: network.self, send, onFrame: (handle) => network.onFrame(handle), onLink: (handle) => network.onLink(handle), dial: (peer, address) => network.dial(peer, address), hangUp: (peer) => network.hangUp(peer) });
  }

  /** Broadcasts a value from a node, and returns its counts, which grow as the run goes on. */
  broadcast(from, value = new Uint8Array(256)) {
    const counts = { copies: 0, hops: 0, deliveries: new Set(), sentMs: this.simulation.now, lastMs: 0 };
    this.simulation.call(from, () => {
      counts.id = this.nodes.get(from).broadcast(value);
      this.broadcasts.set(counts.id, counts);
    });
    return counts;
  }

  /** Crashes a share of the nodes at once, the first one excepted, and returns the names of the survivors. */
  crash(share) {
    const others = this.names.slice(1);
    const crashed = new Set();
    while (crashed.size < Math.round(this.names.length * share)) crashed.add(others[this.random.below(others.length)]);
    for (const name of crashed) this.simulation.crash(name);
    return this.names.filter((name) => !crashed.has(name));
  }

  run(forMs) {
    this.simulation.run({ forMs });
  }
}

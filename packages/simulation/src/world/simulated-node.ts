import type { PeerId, SeededRandom } from "@void-system/effects";
import type { Boot, Kernel, KernelNode, Life } from "./kernel.ts";
import { NodeClock } from "./node-clock.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import type { SimulationOptions } from "./simulation-options.ts";

/** Materials for the parts of a node. */
export interface NodeParts {
  readonly kernel: Kernel;
  readonly options: SimulationOptions;
  /** Makes a random stream that restarts when the simulation is reseeded. */
  stream(label: string): SeededRandom;
  /** Makes a random stream that does not restart. */
  split(label: string): SeededRandom;
}

/**
 * A node, which survives its lives. Parts that not every node uses are made on first use: they would be most of the
 * memory of ten thousand small nodes.
 */
export class SimulatedNode implements KernelNode {
  readonly id: PeerId;
  readonly index: number;
  /** See `NodeOptions`. */
  readonly isGuest: boolean;
  readonly boot: Boot;
  readonly clock: NodeClock;
  life: Life | undefined = undefined;
  /** Group of the partition that the node is in. */
  group = 0;
  readonly #parts: NodeParts;
  #random: SeededRandom | undefined;
  #jobs: SeededRandom | undefined;
  #disk: SimulatedDisk | undefined;

  constructor(id: PeerId, index: number, isGuest: boolean, boot: Boot, parts: NodeParts) {
    this.id = id;
    this.index = index;
    this.isGuest = isGuest;
    this.boot = boot;
    this.#parts = parts;
    const { skewMs = 0, driftPpm = 0 } = parts.options.clock ?? {};
    const clocks = parts.split(this.#label("/clock"));
    const skewUs = clocks.between(-skewMs, skewMs) * 1000;
    this.clock = new NodeClock(skewUs, clocks.between(-driftPpm, driftPpm));
  }

  get random(): SeededRandom {
    return (this.#random ??= this.#parts.stream(this.#label("")));
  }

  /** Random stream that decides how long the node's jobs take. */
  get jobs(): SeededRandom {
    return (this.#jobs ??= this.#parts.stream(this.#label("/jobs")));
  }

  get disk(): SimulatedDisk {
    const { kernel, options, stream } = this.#parts;
    return (this.#disk ??= new SimulatedDisk(kernel, stream(this.#label("/disk")), options.disk ?? {}));
  }

  #label(part: string): string {
    return `node ${this.id}${part}`;
  }
}

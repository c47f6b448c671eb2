import type { PeerId, SeededRandom } from "@void-system/effects";
import type { Boot, Kernel, KernelNode, Life } from "./kernel.ts";
import { NodeClock } from "./node-clock.ts";
import { SimulatedDisk } from "./simulated-disk.ts";
import type { SimulationOptions } from "./simulation-options.ts";

/** What the parts of a node are made of. */
export interface NodeParts {
  readonly kernel: Kernel;
  readonly options: SimulationOptions;
  /** Makes a stream of chance that begins anew when the simulation is seeded anew. */
  stream(label: string): SeededRandom;
  /** Makes one that does not. */
  split(label: string): SeededRandom;
}

/**
 * A node: what survives its lives. What not every node uses is made when it is used: of ten thousand small nodes it
 * would be most of what they are.
 */
export class SimulatedNode implements KernelNode {
  readonly id: PeerId;
  readonly index: number;
  /** See `NodeOptions`. */
  readonly isGuest: boolean;
  readonly boot: Boot;
  readonly clock: NodeClock;
  life: Life | undefined = undefined;
  /** Which part of a partition it is in. */
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

  /** Decides how long its jobs take. */
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

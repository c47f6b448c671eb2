/**
 * How long work takes on the thread of a node.
 */

/** The kinds of work that take time. */
export type CpuWork = "step" | "sign" | "verify" | "hash" | "mac" | "agree" | "job";

/** How long one piece of work takes. */
export interface CpuCost {
  /** Virtual milliseconds, whatever the length of its input. */
  readonly ms: number;
  /** Virtual milliseconds for each MiB of its input, besides. @defaultValue 0 */
  readonly msPerMiB?: number;
}

/** The CPU of each node: one thread, on which work takes virtual time. */
export interface SimulatedCpuOptions {
  /** Rows that replace those of {@link CPU_COSTS}, each as a whole. @defaultValue none */
  readonly costs?: Partial<Readonly<Record<CpuWork, CpuCost>>>;
  /** Speed of a node's CPU: 0.5 takes twice as long for everything, 2 half as long. @defaultValue 1 for every node */
  readonly speed?: (node: string) => number;
}

/**
 * The costs of work where {@link SimulatedCpuOptions} does not replace them.
 *
 * Signatures, digests and MACs cost what Ed25519, SHA-256 and HMAC-SHA256 of node:crypto cost in
 * packages/crypto/bench/results.json (100 bytes, Node 20.20.2, x86-64). The costs by length and that of X25519 were
 * measured in the same way on an AMD EPYC. The costs of a step and of a job are round figures for the work of the
 * runtime around them.
 */
export const CPU_COSTS: Readonly<Record<CpuWork, CpuCost>> = {
  /** An event of the node: reading a frame off a socket, say, and calling its listener. */
  step: { ms: 0.02 },
  /** Hashes its input twice, by SHA-512. */
  sign: { ms: 0.028, msPerMiB: 2.8 },
  verify: { ms: 0.082, msPerMiB: 1.4 },
  hash: { ms: 0.0006, msPerMiB: 0.65 },
  mac: { ms: 0.0018, msPerMiB: 0.65 },
  /** One Diffie-Hellman agreement. */
  agree: { ms: 0.04 },
  /** A job of `World.compute`, besides the work that is charged while it runs. */
  job: { ms: 0.05 },
};

const NS_PER_MS = 1e6;
const BYTES_PER_MIB = 2 ** 20;

/** Costs on the CPU of one node, in nanoseconds: whole, so that sums are exact. */
export class CpuPrices {
  readonly #costs: Readonly<Record<CpuWork, CpuCost>>;
  readonly #nsPerMs: number;

  constructor({ costs = {} }: SimulatedCpuOptions, speed: number) {
    this.#costs = { ...CPU_COSTS, ...costs };
    this.#nsPerMs = NS_PER_MS / speed;
  }

  /** So much work of one kind, on inputs of so many bytes together. */
  ofWork(work: CpuWork, times: number, bytes: number): number {
    const { ms, msPerMiB = 0 } = this.#costs[work];
    return this.ofMs(ms * times + (msPerMiB * bytes) / BYTES_PER_MIB);
  }

  /** Work that takes so many milliseconds at speed 1. */
  ofMs(ms: number): number {
    return Math.round(ms * this.#nsPerMs);
  }
}

/**
 * Costs of work on a node's thread.
 */

/** Kinds of work that take time. */
export type CpuWork = "step" | "sign" | "verify" | "hash" | "mac" | "agree" | "job";

/** Duration of one piece of work. */
export interface CpuCost {
  /** Virtual milliseconds that do not depend on the length of the input. */
  readonly ms: number;
  /** Additional virtual milliseconds for each MiB of input. @defaultValue 0 */
  readonly msPerMiB?: number;
}

/** The CPU of each node: one thread, on which work takes virtual time. */
export interface SimulatedCpuOptions {
  /** Rows that replace those of {@link CPU_COSTS}. A row is replaced as a whole. @defaultValue none */
  readonly costs?: Partial<Readonly<Record<CpuWork, CpuCost>>>;
  /** Speed of a node's CPU: at 0.5 all work takes twice as long, at 2 half as long. @defaultValue 1 for every node */
  readonly speed?: (node: string) => number;
}

/**
 * Default costs of work. {@link SimulatedCpuOptions} may replace them.
 *
 * Signatures, digests and MACs cost as much as Ed25519, SHA-256 and HMAC-SHA256 of node:crypto do in
 * packages/crypto/bench/results.json (100 bytes, Node 20.20.2, x86-64). The costs by length and the cost of X25519 were
 * measured in the same way on an AMD EPYC. The costs of a step and of a job are round figures for the work of the
 * runtime around them.
 */
export const CPU_COSTS: Readonly<Record<CpuWork, CpuCost>> = {
  /** One event of the node, such as reading a frame off a socket and calling its listener. */
  step: { ms: 0.02 },
  /** Signing hashes its input twice, with SHA-512. */
  sign: { ms: 0.028, msPerMiB: 2.8 },
  verify: { ms: 0.082, msPerMiB: 1.4 },
  hash: { ms: 0.0006, msPerMiB: 0.65 },
  mac: { ms: 0.0018, msPerMiB: 0.65 },
  /** One Diffie-Hellman agreement. */
  agree: { ms: 0.04 },
  /** A job of `World.compute`. Work that is charged while the job runs is added. */
  job: { ms: 0.05 },
};

const NS_PER_MS = 1e6;
const BYTES_PER_MIB = 2 ** 20;

/** Costs on the CPU of one node, in nanoseconds. They are whole numbers, so sums are exact. */
export class CpuPrices {
  readonly #costs: Readonly<Record<CpuWork, CpuCost>>;
  readonly #nsPerMs: number;

  constructor({ costs = {} }: SimulatedCpuOptions, speed: number) {
    this.#costs = { ...CPU_COSTS, ...costs };
    this.#nsPerMs = NS_PER_MS / speed;
  }

  /** Returns the cost of `times` pieces of work on inputs of `bytes` bytes in total. */
  ofWork(work: CpuWork, times: number, bytes: number): number {
    const { ms, msPerMiB = 0 } = this.#costs[work];
    return this.ofMs(ms * times + (msPerMiB * bytes) / BYTES_PER_MIB);
  }

  /** Returns the cost of work that takes `ms` milliseconds at speed 1. */
  ofMs(ms: number): number {
    return Math.round(ms * this.#nsPerMs);
  }
}

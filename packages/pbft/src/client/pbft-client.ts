/** The promise face of a client. */
import type { Network, PeerId, World } from "@void-system/effects";
import { client, type HostedClient } from "./client.ts";
import { completeClientTuning, type ClientTuning } from "./client-options.ts";
import { OTHER_CONFIGURATION, type Outcome } from "./outcome.ts";
import type { Configuration } from "../configuration.ts";
import {
  BusyError,
  ClosedError,
  NoQuorumError,
  OperationFailedError,
  OutcomeUnknownError,
  RequestRefusedError,
  ResultForgottenError,
} from "../errors.ts";
import type { Ports } from "../ports.ts";

/** Options of a {@link PBFTClient}. */
export interface PBFTClientOptions {
  /** The cluster that it talks to. */
  readonly cluster: Configuration;
  /** The world that it lives in. */
  readonly world: Pick<World, "clock" | "disk" | "logger" | "random">;
  /** The protocol's own network; its `self` is the client's name, under which the replicas know its key. */
  readonly network: Network;
  /** This node's cryptography. */
  readonly ports: Ports;
  /** Times and bounds. */
  readonly tuning?: Partial<ClientTuning>;
  /** Called once if the client stops forever. */
  readonly onFailure?: (cause: Error) => void;
}

/** A result with its proof. */
export interface ProvenResult {
  /** The state machine's result. */
  readonly result: Uint8Array;
  /** The proof, for `verifyCommitProof` of `@void-system/crypto`. */
  readonly proof: Uint8Array;
}

/**
 * Submits operations to a cluster and believes no single replica: a result counts when f+1 have signed it.
 *
 * @example
 * ```ts
 * import { digest } from "@void-system/crypto";
 * import { memoryHub, peerId, platformWorld } from "@void-system/effects";
 * import { configuration, PBFTClient, replica, type Ports, type StateMachine } from "@void-system/pbft";
 *
 * // Counts the operations, whatever they are.
 * class Counter implements StateMachine {
 *   #count = 0;
 *   apply(batch: Parameters<StateMachine["apply"]>[0]) { return batch.map(() => Uint8Array.of(++this.#count)); }
 *   root() { return Uint8Array.of(this.#count); }
 *   snapshot() { const count = this.root(); return { chunks: 1, chunk: () => count, release() {} }; }
 *   restore(chunks: Iterable<Uint8Array>) { for (const chunk of chunks) this.#count = chunk[0] ?? 0; }
 * }
 *
 * const hub = memoryHub();
 * const cluster = configuration({ replicas: ["r0", "r1", "r2", "r3"] });
 * // Stand-ins: `portsOf` makes real ones.
 * const ports: Ports = { sign: () => new Uint8Array(64), verify: () => true, digest };
 * const fatal = (cause: Error) => { throw cause; };
 * const replicas = cluster.replicas.map((id) => {
 *   const network = hub.join(id);
 *   return replica({ world: platformWorld({ network }), network, cluster, ports, machine: new Counter(), fatal });
 * });
 * const network = hub.join(peerId("client"));
 * const client = new PBFTClient({ world: platformWorld({ network }), network, cluster, ports });
 * await client.request(Uint8Array.of(7)); // => Uint8Array.of(1)
 * await client.close();
 * for (const one of replicas) await new Promise<void>((done) => { one.stop(1_000, done); });
 * ```
 */
export class PBFTClient {
  readonly #client: HostedClient;
  readonly #weak: number;
  readonly #timeoutMs: number;
  readonly #rejects = new Set<(reason: Error) => void>();
  #failure: Error | undefined;
  #closed = false;

  constructor(options: PBFTClientOptions) {
    const { cluster, world, network, ports, tuning } = options;
    this.#weak = cluster.weak;
    const { timeoutMs, questionMs } = completeClientTuning(tuning ?? {}, cluster);
    this.#timeoutMs = timeoutMs + questionMs;
    this.#client = client({
      cluster,
      world,
      network,
      ports,
      ...(tuning && { tuning }),
      fatal: (cause) => {
        this.#failure = cause;
        this.#rejectAll(cause);
        options.onFailure?.(cause);
      },
    });
  }

  /** The replica that it believes to be primary. */
  get primary(): PeerId {
    return this.#client.primary;
  }

  /**
   * Executes an operation once, in the cluster's order, and resolves to its result. Rejects with
   *
   * - {@link RequestRefusedError}: not executed, now or ever; `refusal` says why;
   * - {@link OperationFailedError}: executed, and failed alike on every replica;
   * - {@link ResultForgottenError}: executed, and the result is no longer kept;
   * - {@link OutcomeUnknownError}, as {@link NoQuorumError} when f+1 matching replies did not come in time;
   * - {@link BusyError}: too many requests are under way; nothing was sent;
   * - {@link ClosedError}: the client was closed; what was under way has an unknown outcome.
   */
  async request(operation: Uint8Array): Promise<Uint8Array> {
    return (await this.#submit(operation, false)).result;
  }

  /**
   * The same as {@link PBFTClient.request}, with a proof of the result: f+1 replicas have signed it, which anyone who knows their
   * keys can check with `verifyCommitProof` of `@void-system/crypto`.
   */
  async requestProven(operation: Uint8Array): Promise<ProvenResult> {
    const { result, proof = new Uint8Array(0) } = await this.#submit(operation, true);
    return { result, proof };
  }

  #submit(operation: Uint8Array, isProven: boolean): Promise<Outcome & { readonly type: "ok" }> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(this.#failure ?? new ClosedError());
        return;
      }
      const settle = (outcome: Outcome): void => {
        this.#rejects.delete(reject);
        if (outcome.type === "ok") resolve(outcome);
        else reject(this.#errorOf(outcome));
      };
      const answer = this.#client.submit(operation, settle, { isProven });
      if (answer === "accepted") this.#rejects.add(reject);
      else reject(answer === "busy" ? new BusyError(this.#client.outstanding) : this.#failure ?? new ClosedError());
    });
  }

  /** Ends it. What is under way is rejected: its outcome is unknown. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    this.#rejectAll(new ClosedError());
    return new Promise((resolve) => this.#client.stop(resolve));
  }

  #errorOf(outcome: Exclude<Outcome, { readonly type: "ok" }>): Error {
    switch (outcome.type) {
      case "failed":
        return new OperationFailedError(outcome.reason);
      case "refused":
        return new RequestRefusedError(outcome.code, outcome.reason);
      case "forgotten":
        return new ResultForgottenError(outcome.reason);
      case "unknown":
        return this.#unknown(outcome);
    }
  }

  #unknown({ code, replies, notAfterMs, difference }: Outcome & { readonly type: "unknown" }): OutcomeUnknownError {
    switch (code) {
      case "no-quorum":
        return new NoQuorumError(this.#timeoutMs, replies, this.#weak, notAfterMs);
      case "ahead":
        return new OutcomeUnknownError(
          "expected a request numbered near the agreed time, got one far ahead of it; it was not executed now, but may be later if somebody repeats it: set this machine's clock. The next request is numbered from the cluster's time",
          notAfterMs,
        );
      case "other-configuration":
        return new OutcomeUnknownError(`${OTHER_CONFIGURATION}: ${difference}. This request was sent before that was known, and may be executed`, notAfterMs);
    }
  }

  #rejectAll(reason: Error): void {
    for (const reject of this.#rejects) reject(reason);
    this.#rejects.clear();
  }
}

/** A node of a cluster that replicates a state machine, in a few lines. */
import { equalBytes } from "@void-system/bytes";
import { ed25519, generateKey } from "@void-system/crypto";
import {
  channel,
  peerId,
  platformWorld,
  processHub,
  type MemoryNetwork,
  type Network,
  type PeerId,
  type World,
} from "@void-system/effects";
import type { ClientTuning } from "../client/client-options.ts";
import { configuration, type Configuration, type ConfigurationOptions } from "../configuration.ts";
import type { Executed } from "../protocol/delivery.ts";
import { ConfigurationError, OwnKeyError } from "../errors.ts";
import { portsOf, type Keys } from "./keys.ts";
import type { OperationCodec } from "./operation-codec.ts";
import { PBFTClient } from "../client/pbft-client.ts";
import type { ReplicaStanding } from "../protocol/replica-core.ts";
import type { ReplicaTuning } from "../protocol/replica-options.ts";
import { replica, type HostedReplica } from "./replica.ts";
import type { StateMachine } from "../protocol/state-machine.ts";

/** Channel of the memory hub that a node without a network of its own uses. */
export const PBFT_CHANNEL = 1;

/** Options of a {@link PBFTNode}. All but the codec and a replica's machine have a default that works inside one process. */
export interface PBFTNodeOptions<Operation, Result> extends Omit<ConfigurationOptions, "replicas"> {
  /** The state that is replicated. A replica needs one of its own; a client needs none. */
  readonly machine?: StateMachine;
  /** Operations and results as bytes; `plainBytes` when they are bytes already. */
  readonly operations: OperationCodec<Operation, Result>;
  /**
   * Time for which a request may be executed and waits for f+1 matching replies; then the node asks what came of it, as long again
   * unless `clientTuning.questionMs` says otherwise. At least `timeoutMsMin`. @defaultValue 10_000, or the least if that is more
   */
  readonly timeoutMs?: number;
  /**
   * The node's links, all its own (a `channel` of a network that others use too). @defaultValue the memory hub of this
   * process
   */
  readonly network?: Network;
  /** The world the node acts in, its network included. @defaultValue the platform's, with a **volatile** disk */
  readonly world?: World;
  /** The node's key and those of the others. @defaultValue a key of its own, published in this process */
  readonly keys?: Keys;
  /** Times and sizes of the replica. */
  readonly tuning?: Partial<ReplicaTuning>;
  /** Times and bounds of the client, besides `timeoutMs`. */
  readonly clientTuning?: Partial<Omit<ClientTuning, "timeoutMs">>;
  /** Called with each batch that this replica executes, in sequence. */
  readonly onExecuted?: (executed: Executed) => void;
  /** Called once if the replica or the client fails; the node is then closed. */
  readonly onFailure?: (cause: Error) => void;
}

/** Status of a node: of its replica, or of a client. */
export type PBFTNodeStatus =
  | ({
      readonly role: "replica";
      /** The node's name. */
      readonly nodeId: PeerId;
    } & ReplicaStanding)
  | {
      readonly role: "client";
      /** The node's name. */
      readonly nodeId: PeerId;
      /** The replica that it believes to be primary. */
      readonly primary: PeerId;
    };

/**
 * A node that replicates a state machine and survives f lying replicas of 3f+1. If its name is in the list it is a
 * replica, and a client of its own cluster. If not, it is a client and never votes.
 *
 * Without a network, keys and a world, nodes meet in the memory hub of this process and keep nothing on disk.
 *
 * @example
 * ```ts
 * import { plainBytes, PBFTNode, type StateMachine } from "@void-system/pbft";
 *
 * // A counter: each operation adds its first byte.
 * class Counter implements StateMachine {
 *   #sum = 0;
 *   apply(batch: Parameters<StateMachine["apply"]>[0]) {
 *     return batch.map(({ operation }) => Uint8Array.of((this.#sum += operation[0] ?? 0)));
 *   }
 *   root() { return Uint8Array.of(this.#sum); }
 *   snapshot() { const sum = this.#sum; return { chunks: 1, chunk: () => Uint8Array.of(sum), release() {} }; }
 *   restore(chunks: Iterable<Uint8Array>) { for (const chunk of chunks) this.#sum = chunk[0] ?? 0; }
 * }
 * const ids = ["c0", "c1", "c2", "c3"];
 * const replicas = ids.map((id) => new PBFTNode(id, ids, { machine: new Counter(), operations: plainBytes }));
 * const client = new PBFTNode("client", ids, { operations: plainBytes });
 * await client.request(Uint8Array.of(2)); // => Uint8Array.of(2)
 * await replicas[1]?.request(Uint8Array.of(3)); // => Uint8Array.of(5)
 * await Promise.all([client, ...replicas].map((node) => node.close()));
 * ```
 */
export class PBFTNode<Operation, Result> {
  /** This node's name. */
  readonly nodeId: PeerId;
  /** The cluster, from the options. */
  readonly cluster: Configuration;
  /** This node's public key: who verifies proofs needs those of the replicas. */
  readonly publicKey: Uint8Array;
  readonly #operations: OperationCodec<Operation, Result>;
  readonly #client: PBFTClient;
  readonly #replica: HostedReplica | undefined;
  readonly #leave: () => void;
  #closing: Promise<void> | undefined;

  /**
   * @throws {@link ConfigurationError} for a cluster or options that cannot work.
   * @throws {@link OwnKeyError} when the node does not sign with the key that it is known by.
   */
  constructor(nodeId: string, replicaIds: readonly string[], options: PBFTNodeOptions<Operation, Result>) {
    const { f, cluster, publicKeys, timeoutMs, onFailure } = options;
    const { checkpointInterval, batchRequestsMax, sessionsMax, viewTimeoutMs, clockDriftMs, maxStateBytes } = options;
    this.nodeId = peerId(nodeId);
    this.cluster = configuration({
      replicas: replicaIds,
      f,
      cluster,
      publicKeys,
      checkpointInterval,
      batchRequestsMax,
      sessionsMax,
      viewTimeoutMs,
      clockDriftMs,
      maxStateBytes,
    });
    this.#operations = options.operations;
    const machine = this.cluster.replicas.includes(this.nodeId) ? machineOf(this.nodeId, options.machine) : undefined;
    const place = placeOf(this.nodeId, options);
    this.#leave = place.leave;
    let failed = false;
    const fatal = (cause: Error): void => {
      if (failed) return;
      failed = true;
      void this.close();
      onFailure?.(cause);
    };
    const { world, network, keys } = place;
    this.publicKey = keys.signer.publicKey;
    const common = { world, network, cluster: this.cluster, ports: portsOf(keys) };
    let hosted: HostedReplica | undefined;
    try {
      requireKey(this.cluster, this.nodeId, this.publicKey);
      if (machine !== undefined) {
        const { tuning, onExecuted } = options;
        hosted = replica({
          ...common,
          machine,
          fatal,
          ...(tuning && { tuning }),
          ...(onExecuted && { onExecuted }),
        });
      }
      this.#client = new PBFTClient({
        ...common,
        onFailure: fatal,
        tuning: { ...options.clientTuning, ...(timeoutMs !== undefined && { timeoutMs }) },
      });
    } catch (refused) {
      hosted?.stop(0, () => undefined);
      this.#leave();
      throw refused;
    }
    this.#replica = hosted;
  }

  /**
   * Executes an operation once, in the cluster's order, and resolves to its result, which f+1 replicas have signed.
   * Rejects as {@link PBFTClient.request} does: without a quorum with {@link NoQuorumError}, and then the outcome is
   * unknown.
   */
  async request(operation: Operation): Promise<Result> {
    return this.#operations.decode(await this.#client.request(this.#operations.encode(operation)));
  }

  /**
   * The same as {@link PBFTNode.request}, with a proof of the result that anyone who knows the replicas' keys can check, with
   * `verifyCommitProof` of `@void-system/crypto`. The proof holds the operation and the result as bytes.
   */
  async requestProven(operation: Operation): Promise<{ readonly result: Result; readonly proof: Uint8Array }> {
    const { result, proof } = await this.#client.requestProven(this.#operations.encode(operation));
    return { result: this.#operations.decode(result), proof };
  }

  /** Returns the view, log and state root of a replica, or the primary that a client believes in. */
  status(): PBFTNodeStatus {
    if (this.#replica === undefined) return { role: "client", nodeId: this.nodeId, primary: this.#client.primary };
    return { role: "replica", nodeId: this.nodeId, ...this.#replica.standing() };
  }

  /** Ends the node: rejects requests in flight, sends what is durable, leaves the network. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#client.close();
    const hosted = this.#replica;
    if (hosted !== undefined) await new Promise<void>((resolve) => hosted.stop(CLOSE_MS, resolve));
    this.#leave();
  }
}

/** Wait of a closing node for its disk. */
const CLOSE_MS = 2_000;

/** A replica's key must be the one that its cluster lists, if it lists any. */
function requireKey({ replicas, publicKeys }: Configuration, self: PeerId, publicKey: Uint8Array): void {
  const known = publicKeys[replicas.indexOf(self)];
  if (known !== undefined && !equalBytes(known, publicKey)) throw new OwnKeyError(self);
}

/** The state that a replica holds. */
function machineOf(self: PeerId, machine: StateMachine | undefined): StateMachine {
  if (machine === undefined)
    throw new ConfigurationError(`expected a machine in the options of replica ${self}, got none: pass a StateMachine`);
  return machine;
}

type Surroundings = Pick<PBFTNodeOptions<unknown, unknown>, "network" | "world" | "keys">;

interface Place {
  readonly world: Pick<World, "clock" | "disk" | "logger" | "random">;
  readonly network: Network;
  readonly keys: Keys;
  readonly leave: () => void;
}

/** Returns the place that the options name, or one in the memory hub of the process, with a key published there. */
function placeOf(self: PeerId, options: Surroundings): Place {
  const hub = processHub();
  let membership: MemoryNetwork | undefined;
  let network = options.network ?? options.world?.network;
  if (network === undefined) {
    membership = hub.join(self);
    network = channel(membership, PBFT_CHANNEL);
  }
  if (network.self !== self)
    throw new ConfigurationError(`expected the network of ${self}, got that of ${network.self}`);
  const world = options.world ?? platformWorld({ network });
  let { keys } = options;
  let published: Uint8Array | undefined;
  if (keys === undefined) {
    const signer = ed25519.signer(generateKey("ed25519", { random: world.random }));
    published = signer.publicKey;
    hub.directory.set(self, published);
    keys = { signer, publicKeyOf: (id) => hub.directory.get(id) };
  }
  const leave = (): void => {
    membership?.leave();
    if (published !== undefined && hub.directory.get(self) === published) hub.directory.delete(self);
  };
  return { world, network, keys, leave };
}

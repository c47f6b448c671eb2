/** A node of a cluster that replicates an application, in a few lines. */
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
import type { ClientTuning } from "./client-core.ts";
import { configuration, type Configuration } from "./configuration.ts";
import type { Executed } from "./delivery.ts";
import { ConfigurationError } from "./errors.ts";
import { portsOf, type Keys } from "./keys.ts";
import type { OperationCodec } from "./operation-codec.ts";
import { PBFTClient } from "./pbft-client.ts";
import type { ReplicaStanding } from "./replica-core.ts";
import type { ReplicaTuning } from "./replica-options.ts";
import { replica, type HostedReplica } from "./replica.ts";
import type { StateMachine } from "./state-machine.ts";

/** The channel of a network that was not given to the node, but found by it. */
export const PBFT_CHANNEL = 1;

/** What a {@link ReplicatedService} may be given; all of it has a default that works inside one process. */
export interface ServiceOptions {
  /** How many replicas may lie. @defaultValue the most that fit: ⌊(n-1)/3⌋ */
  readonly f?: number;
  /** The cluster's name, the same at all its nodes. @defaultValue derived from the replicas' names and f */
  readonly cluster?: string;
  /** Batches from one checkpoint to the next, the same at all nodes. @defaultValue 128 */
  readonly checkpointInterval?: number;
  /** How long a request waits for f+1 matching replies. @defaultValue 10_000 */
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
  /** Told of each batch that this replica executes, in sequence. */
  readonly onExecuted?: (executed: Executed) => void;
  /** Told once if the replica or the client stops for ever; the node is then closed. */
  readonly onFailure?: (cause: Error) => void;
}

/** What is replicated. */
export interface Application<Operation, Result> {
  /** Makes the state of a replica; clients need none. */
  readonly stateMachine: () => StateMachine;
  /** Operations and results as bytes. */
  readonly operations: OperationCodec<Operation, Result>;
}

/** Where a node stands. */
export type NodeStatus =
  | ({
      /** Whether it votes. */
      readonly role: "replica";
      /** The node's name. */
      readonly nodeId: PeerId;
    } & ReplicaStanding)
  | {
      /** Whether it votes. */
      readonly role: "client";
      /** The node's name. */
      readonly nodeId: PeerId;
      /** The replica that it believes to be primary. */
      readonly primary: PeerId;
    };

/**
 * A node of a replicated service that survives f lying replicas of 3f+1. If its name is in the list it is a replica,
 * and a client of its own cluster; if not, it is a client and never votes.
 *
 * Without options nodes meet in the memory hub of this process and keep nothing on disk.
 *
 * @example
 * ```ts
 * import { plainBytes, ReplicatedService, type StateMachine } from "@void-system/pbft";
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
 * const counter = { stateMachine: () => new Counter(), operations: plainBytes };
 * const nodes = ids.map((id) => new ReplicatedService(id, ids, counter));
 * const [first, second] = nodes;
 * await first?.request(Uint8Array.of(2)); // => Uint8Array.of(2)
 * await second?.request(Uint8Array.of(3)); // => Uint8Array.of(5)
 * await Promise.all(nodes.map((node) => node.close()));
 * ```
 */
export class ReplicatedService<Operation, Result> {
  /** This node's name. */
  readonly nodeId: PeerId;
  /** The cluster, as this node was told. */
  readonly cluster: Configuration;
  readonly #operations: OperationCodec<Operation, Result>;
  readonly #client: PBFTClient;
  readonly #replica: HostedReplica | undefined;
  readonly #leave: () => void;
  #closing: Promise<void> | undefined;

  /** @throws {@link ConfigurationError} for a cluster or options that cannot work. */
  constructor(
    nodeId: string,
    replicaIds: readonly string[],
    application: Application<Operation, Result>,
    options: ServiceOptions = {},
  ) {
    const { f, cluster, checkpointInterval, timeoutMs, onFailure } = options;
    this.nodeId = peerId(nodeId);
    this.cluster = configuration({
      replicas: replicaIds,
      ...(f !== undefined && { f }),
      ...(cluster !== undefined && { cluster }),
      ...(checkpointInterval !== undefined && { checkpointInterval }),
    });
    this.#operations = application.operations;
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
    const common = { world, network, cluster: this.cluster, ports: portsOf(keys) };
    if (this.cluster.replicas.includes(this.nodeId)) {
      const { tuning, onExecuted } = options;
      this.#replica = replica({
        ...common,
        machine: application.stateMachine(),
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
  }

  /**
   * Executes an operation once, in the cluster's order, and resolves to its result, which f+1 replicas have signed.
   * Rejects as {@link PBFTClient.request} does: after `timeoutMs` without a quorum with {@link NoQuorumError}, and
   * then the outcome is unknown.
   */
  async request(operation: Operation): Promise<Result> {
    return this.#operations.decode(await this.#client.request(this.#operations.encode(operation)));
  }

  /** Where this node stands: a replica with its view, log and state root, or a client. */
  status(): NodeStatus {
    if (this.#replica === undefined) return { role: "client", nodeId: this.nodeId, primary: this.#client.primary };
    return { role: "replica", nodeId: this.nodeId, ...this.#replica.standing() };
  }

  /** Ends the node: requests under way are rejected, what is durable goes out, the network is left. */
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

/** How long a node that closes waits for its disk. */
const CLOSE_MS = 2_000;

interface Place {
  readonly world: Pick<World, "clock" | "disk" | "logger" | "random">;
  readonly network: Network;
  readonly keys: Keys;
  readonly leave: () => void;
}

/** Where a node lives: as it was told, or in the memory hub of the process, with a key that is published there. */
function placeOf(self: PeerId, options: ServiceOptions): Place {
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

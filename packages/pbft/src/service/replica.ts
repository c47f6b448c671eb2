/** A replica at work in a world: the core, its wire and its records under the driver of `@void-system/effects`. */
import { host, type Limits, type Network, type World } from "@void-system/effects";
import type { Configuration } from "../configuration.ts";
import type { Executed, Restored } from "../protocol/delivery.ts";
import type { Ports } from "../ports.ts";
import { recordCodec } from "../codec/record.ts";
import { ReplicaCore, type ReplicaStanding } from "../protocol/replica-core.ts";
import type { ReplicaTuning } from "../protocol/replica-options.ts";
import { proveOwnKey } from "./own-key.ts";
import { rolesOf } from "./roles.ts";
import type { StateMachine } from "../protocol/state-machine.ts";
import { pbftWire } from "../codec/wire.ts";

/** Parts that {@link replica} puts together. */
export interface ReplicaParts {
  /** The world that it lives in. */
  readonly world: Pick<World, "clock" | "disk" | "logger">;
  /** The protocol's own network, such as a `channel`; a {@link client} on this node shares it. */
  readonly network: Network;
  /** The cluster. */
  readonly cluster: Configuration;
  /** This node's cryptography; its name is the network's `self`, one of the cluster's replicas. */
  readonly ports: Ports;
  /** The state machine. */
  readonly machine: StateMachine;
  /** Times and sizes. */
  readonly tuning?: Partial<ReplicaTuning>;
  /** Bounds of the driver. */
  readonly limits?: Partial<Limits>;
  /** Name of the log on disk. @defaultValue "pbft" */
  readonly name?: string;
  /**
   * Each batch, in sequence, once in a life of the process; from the last checkpoint on after a restart. A throw stops
   * the replica.
   */
  readonly onExecuted?: (executed: Executed) => void;
  /** The state was replaced by that of a checkpoint: what lies before it is not delivered. */
  readonly onRestored?: (restored: Restored) => void;
  /** The replica has stopped forever: a failed disk, a throwing state machine, a broken invariant. */
  readonly fatal: (cause: Error) => void;
  /** It has recovered and takes part. */
  readonly ready?: () => void;
}

/** Time between two looks whether a view has been handed over. */
const LOOK_MS = 10;

/** A replica that runs. */
export interface HostedReplica {
  /** Returns its standing. The `root` is computed when it is read. */
  standing(): ReplicaStanding;
  /** The driver's counters. */
  stats(): Readonly<Record<string, number>>;
  /**
   * Hands the view over to the next primary, if this replica is primary, and if a quorum of others is linked to go on without it.
   * Call it before {@link HostedReplica.stop}: nobody has to wait for a timeout then. `done` is called when the next view has
   * begun, or after `deadlineMs`; soon if there is nothing to hand over, or nobody.
   */
  resign(deadlineMs: number, done: () => void): void;
  /** Ends it; after `deadlineMs` as a crash would, which is safe. */
  stop(deadlineMs: number, done: () => void): void;
}

/**
 * Starts a replica. Callbacks only, no promises: it runs in a simulated world as it does in a real one.
 *
 * @throws {@link ConfigurationError} for parts that cannot work.
 * @throws {@link OwnKeyError} when the node does not sign with the key that it is known by.
 * @example
 * ```ts
 * import { digest } from "@void-system/crypto";
 * import { memoryHub, peerId, platformWorld } from "@void-system/effects";
 * import { configuration, replica, type StateMachine } from "@void-system/pbft";
 *
 * // A state that never changes.
 * const machine: StateMachine = {
 *   apply: (batch) => batch.map(() => new Uint8Array(0)),
 *   root: () => new Uint8Array(0),
 *   snapshot: () => ({ chunks: 0, chunk: () => new Uint8Array(0), release() {} }),
 *   restore() {},
 * };
 * // A cluster of one, for the example: four tolerate a liar.
 * const network = memoryHub().join(peerId("a"));
 * const ports = { sign: () => new Uint8Array(64), verify: () => true, digest };
 * const only = replica({
 *   world: platformWorld({ network }), network, ports, machine,
 *   cluster: configuration({ replicas: ["a"] }),
 *   fatal: (cause) => { throw cause; },
 * });
 * await new Promise<void>((done) => { only.stop(1_000, done); });
 * only.standing().lastExecuted; // => 0
 * ```
 */
export function replica(parts: ReplicaParts): HostedReplica {
  const { world, network, cluster, ports, machine, tuning } = parts;
  proveOwnKey(network.self, ports);
  const core = new ReplicaCore({ cluster, self: network.self, ports, machine, ...(tuning && { tuning }) });
  const roles = rolesOf(network);
  const wire = pbftWire(cluster, ports, { clock: world.clock, matters: (from, message) => core.matters(from, message) });
  const running = host({
    world: { ...world, network: roles.replica },
    name: parts.name ?? "pbft",
    core,
    wire,
    records: recordCodec(cluster, ports.digest),
    ...(parts.limits && { limits: parts.limits }),
    deliver(delivery) {
      if (delivery.type === "executed") parts.onExecuted?.(delivery);
      else if (delivery.type === "restored") parts.onRestored?.(delivery);
      else roles.own.reply?.(delivery.reply);
    },
    fatal: parts.fatal,
    ...(parts.ready && { ready: parts.ready }),
  });
  roles.own.signed = (statement, signature) => wire.vouch(network.self, statement, signature);
  roles.own.request = (request) => {
    running.submit(request);
  };
  return {
    standing: () => core.standing(),
    stats: () => running.stats(),
    resign(deadlineMs, done) {
      const untilMs = world.clock.monotonicMs() + deadlineMs;
      const look = (): void => {
        if (!core.standing().handingOver || world.clock.monotonicMs() >= untilMs) done();
        else world.clock.schedule(LOOK_MS, look);
      };
      running.submit({ type: "resign" });
      world.clock.schedule(LOOK_MS, look);
    },
    stop: (deadlineMs, done) => running.stop(deadlineMs, done),
  };
}

/** A client at work in a world, by callbacks; `PBFTClient` puts promises on it. */
import { host, type Network, type PeerId, type World } from "@void-system/effects";
import { ClientCore } from "./client-core.ts";
import type { ClientTuning } from "./client-options.ts";
import type { Outcome } from "./outcome.ts";
import type { Configuration } from "../configuration.ts";
import type { Ports } from "../ports.ts";
import { proveOwnKey } from "../service/own-key.ts";
import { rolesOf } from "../service/roles.ts";
import { pbftWire } from "../codec/wire.ts";

/** Parts that {@link client} puts together. */
export interface ClientParts {
  /** The world that it lives in. */
  readonly world: Pick<World, "clock" | "disk" | "logger" | "random">;
  /** The protocol's own network; a {@link replica} on this node shares it. Its `self` is the client's name. */
  readonly network: Network;
  /** The cluster that it talks to. */
  readonly cluster: Configuration;
  /** This node's cryptography: the replicas must know its public key under its name. */
  readonly ports: Ports;
  /** Times and bounds. */
  readonly tuning?: Partial<ClientTuning>;
  /** The client has stopped forever; nothing that is under way is reported any longer. */
  readonly fatal: (cause: Error) => void;
}

/** A client that runs. */
export interface HostedClient {
  /**
   * Submits an operation. `done` is called once, from the event loop, if it was accepted and the client is not stopped
   * before; `busy` and `stopped` mean that nothing was sent. With `isProven` the outcome comes with a proof. The bytes are copied:
   * the caller may use them for something else afterwards.
   */
  submit(operation: Uint8Array, done: (outcome: Outcome) => void, options?: { readonly isProven?: boolean }): "accepted" | "busy" | "stopped";
  /** The replica that it believes to be primary. */
  readonly primary: PeerId;
  /** Submissions without an outcome yet. */
  readonly outstanding: number;
  /** Ends it. What is under way has an unknown outcome, and its `done` is not called. */
  stop(done: () => void): void;
}

/**
 * Starts a client. Callbacks only, no promises: it runs in a simulated world as it does in a real one.
 *
 * @throws {@link ConfigurationError} for parts that cannot work.
 * @throws {@link OwnKeyError} when the node does not sign with the key that it is known by.
 * @example
 * ```ts
 * import { digest } from "@void-system/crypto";
 * import { memoryHub, peerId, platformWorld } from "@void-system/effects";
 * import { client, configuration, type Outcome } from "@void-system/pbft";
 *
 * const network = memoryHub().join(peerId("alone"));
 * const alone = client({
 *   world: platformWorld({ network }), network,
 *   cluster: configuration({ replicas: ["r0", "r1", "r2", "r3"], viewTimeoutMs: 2 }),
 *   ports: { sign: () => new Uint8Array(64), verify: () => true, digest },
 *   tuning: { timeoutMs: 20, retryMs: 10 },
 *   fatal: (cause) => { throw cause; },
 * });
 * const outcome = await new Promise<Outcome>((resolve) => { alone.submit(new Uint8Array(1), resolve); });
 * outcome.type; // => "unknown"
 * await new Promise<void>((done) => { alone.stop(done); });
 * ```
 */
export function client(parts: ClientParts): HostedClient {
  const { world, network, cluster, ports, tuning } = parts;
  proveOwnKey(network.self, ports);
  const roles = rolesOf(network);
  const core = new ClientCore({
    cluster,
    self: network.self,
    ports: {
      digest: ports.digest,
      sign(statement) {
        const signature = ports.sign(statement);
        roles.own.signed?.(statement, signature);
        return signature;
      },
    },
    salt: Math.floor(world.random.next() * 1_000),
    ...(tuning && { tuning }),
  });
  const windowMax = tuning?.windowMax ?? 256;
  const waiting = new Map<number, (outcome: Outcome) => void>();
  let tickets = 0;
  const running = host({
    world: { ...world, network: roles.client },
    name: "pbft-client",
    core,
    wire: pbftWire(cluster, ports, { clock: world.clock, matters: (from, message) => core.matters(from, message) }),
    deliver(delivery) {
      if (delivery.type === "request") {
        roles.own.request?.(delivery.request);
        return;
      }
      const done = waiting.get(delivery.ticket);
      waiting.delete(delivery.ticket);
      done?.(delivery.outcome);
    },
    fatal: parts.fatal,
  });
  roles.own.reply = (reply) => {
    running.submit({ type: "reply", reply });
  };
  return {
    submit(operation, done, { isProven = false } = {}) {
      if (waiting.size >= windowMax) return "busy";
      tickets += 1;
      const answer = running.submit({ ticket: tickets, operation: operation.slice(), isProven });
      if (answer === "accepted") waiting.set(tickets, done);
      return answer;
    },
    get primary() {
      return core.primary;
    },
    get outstanding() {
      return waiting.size;
    },
    stop: (done) => running.stop(0, done),
  };
}

/**
 * The store of a cluster for programs of promises.
 */
import { platformClock } from "@void-system/effects";
import { run } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { ClusterStore } from "./cluster-store.ts";
import type { ListenAddress } from "../listen.ts";
import { Redis, RedisConnections } from "./redis-client.ts";

/** Client of a cluster. It sends to any node that answers. */
export class ClusterClient {
  readonly #store: ClusterStore;
  readonly #connections = new RedisConnections();

  constructor(nodes: readonly ListenAddress[], token: string) {
    this.#store = new ClusterStore(nodes, token);
  }

  /**
   * Sends one command that may be repeated: a read, or a write of the same values.
   *
   * @throws {@link CommandError} with the node's words when it refuses.
   * @throws {@link UnreachableClusterError} when no node gives an answer.
   */
  call(command: string, ...words: readonly (string | Uint8Array)[]): Promise<unknown> {
    const calling = () => this.#store.call(command, ...words);
    return run(() => Clock.handle(platformClock(), () => Redis.handle(this.#connections, calling)));
  }

  /** Ends the connections. */
  close(): void {
    this.#connections.close();
  }
}

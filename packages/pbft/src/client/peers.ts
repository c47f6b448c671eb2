/**
 * The configurations that the replicas show to a client. One that f+1 of them show alike is that of a correct replica: a client
 * of another one would count other quorums, and sign what nobody takes, so it says what differs and stops. Not while the rest
 * are a quorum: they serve it, and those that differ are behind.
 */
import { equalBytes } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import type { Configuration } from "../configuration.ts";
import { configurationDifference } from "../configuration-record.ts";

/** The replicas, as a client sees them. */
export class Peers {
  readonly #cluster: Configuration;
  /** Records of the replicas that have shown another configuration than the client's. */
  readonly #others = new Map<PeerId, Uint8Array>();
  #difference: string | undefined;

  constructor(cluster: Configuration) {
    this.#cluster = cluster;
  }

  /** Difference between the client's configuration and that of f+1 replicas without which there is no quorum, for people. */
  get difference(): string | undefined {
    return this.#difference;
  }

  /** Takes in the record that a replica shows. */
  show(replica: PeerId, record: Uint8Array): void {
    if (equalBytes(record, this.#cluster.record)) this.#others.delete(replica);
    else this.#others.set(replica, record);
    const { replicas, quorum, weak } = this.#cluster;
    const mayServe = replicas.length - this.#others.size >= quorum;
    const shared = mayServe ? undefined : [...this.#others.values()].find((one) => this.#showing(one) >= weak);
    this.#difference = shared && configurationDifference(this.#cluster.record, shared);
  }

  #showing(record: Uint8Array): number {
    let count = 0;
    for (const other of this.#others.values()) if (equalBytes(other, record)) count += 1;
    return count;
  }
}

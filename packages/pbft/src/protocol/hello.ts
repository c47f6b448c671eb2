/**
 * Replicas show each other their configuration when a link is up. One with another configuration is refused, and both say
 * what differs: it would count other quorums, or come to other states, and nobody would know why. Clients show theirs too, and
 * compare it themselves with the answers.
 */
import { equalBytes } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import type { Hello } from "../codec/message.ts";
import { configurationDifference } from "../configuration-record.ts";
import type { Replica } from "./replica.ts";

/** Shows this replica's configuration. */
export function sayHello({ cluster, outbox }: Replica, to: "others" | PeerId): void {
  outbox.say({ type: "hello", configuration: cluster.record }, to);
}

/** Refuses a replica of another configuration, until it shows this one. Answers a client. */
export function onHello(replica: Replica, from: PeerId, { configuration }: Hello): void {
  const { cluster, catchUp } = replica;
  if (!cluster.replicas.includes(from)) {
    sayHello(replica, from);
  } else if (equalBytes(configuration, cluster.record)) {
    catchUp.setRefused(from, undefined);
  } else {
    const difference = configurationDifference(cluster.record, configuration);
    catchUp.setRefused(from, difference);
    replica.note("otherConfigurations", "pbft.configuration-refused", { from, difference });
  }
}

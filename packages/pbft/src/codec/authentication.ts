/**
 * Decides whether a decoded message is authentic: its signatures, the certificates in it, and what follows from them. It
 * depends on the message and the keys alone, so it is done once, at the edge, and a core sees only what passed.
 */
import { equalBytes } from "@void-system/bytes";
import { foldResult, resultLeaf } from "@void-system/crypto";
import type { PeerId } from "@void-system/effects";
import { BEGINNING, provesCommitted, provesComplaints, provesPrepared, provesProposal, provesStable } from "./certificate.ts";
import { primaryOf, replicaAt, type Configuration } from "../configuration.ts";
import { manifestDigest } from "./manifest.ts";
import type { Message, NewView, Reply, Slots, ViewChange } from "./message.ts";
import { signedBody } from "./message-codec.ts";
import { planNewView } from "../protocol/new-view-plan.ts";
import type { Ports } from "../ports.ts";
import { bodyStatement, checkpointStatement, complaintStatement, executedStatement, requestStatement, slotStatement } from "./signing.ts";

/** Why a message must be refused, or undefined when it is authentic. */
export function refusal(
  cluster: Configuration,
  ports: Omit<Ports, "sign">,
  from: PeerId,
  message: Message,
): string | undefined {
  const signed = (sender: number, statement: Uint8Array, signature: Uint8Array): string | undefined =>
    ports.verify(replicaAt(cluster, sender), statement, signature) ? undefined : `${message.type}: bad signature`;
  switch (message.type) {
    case "request": {
      const statement = requestStatement(cluster, message);
      return ports.verify(message.client, statement, message.signature) ? undefined : "request: bad signature";
    }
    case "pre-prepare":
      return refusePrePrepare(cluster, ports, from, message);
    case "prepare":
    case "commit": {
      const { type, view, sequence, digest, sender } = message;
      return signed(sender, slotStatement(cluster, type, view, sequence, digest, sender), message.signature);
    }
    case "checkpoint":
      return signed(
        message.sender,
        checkpointStatement(cluster, message.sequence, message.digest, message.sender),
        message.signature,
      );
    case "complaint":
      return signed(message.sender, complaintStatement(cluster, message.view, message.sender), message.signature);
    case "departure":
      return provesComplaints(cluster, ports, message.certificate) ? undefined : "departure: bad complaints";
    case "view-change":
      return refuseViewChange(cluster, ports, message);
    case "new-view":
      return refuseNewView(cluster, ports, message);
    case "status":
      // The answer goes to its sender, so an old one that somebody else repeats must not steer anything.
      if (replicaAt(cluster, message.sender) !== from) return "status: relayed";
      return signed(message.sender, bodyStatement(cluster, message.type, signedBody(message)), message.signature);
    case "reply":
      return refuseReply(cluster, ports, message);
    case "slots":
      return refuseSlots(cluster, ports, message);
    case "stable": {
      if (!provesStable(cluster, ports, message.certificate)) return "stable: bad certificate";
      const { sequence, digest } = message.certificate;
      if (message.manifest === undefined) return undefined;
      return equalBytes(manifestDigest(ports.digest, sequence, message.manifest), digest)
        ? undefined
        : "stable: not its manifest";
    }
    // These ask, or prove themselves by a digest that the core has from a certificate.
    case "fetch-batch":
    case "batch":
    case "fetch-slots":
    case "fetch-chunk":
    case "chunk":
    // Say something of their links alone, which know their peers.
    case "hello":
    case "hint":
      return undefined;
  }
}

function refusePrePrepare(
  cluster: Configuration,
  ports: Omit<Ports, "sign">,
  from: PeerId,
  message: Message & { readonly type: "pre-prepare" },
): string | undefined {
  const { view, sequence, batch, signature } = message;
  if (!provesProposal(cluster, ports, view, { sequence, digest: batch.digest, signature }))
    return "pre-prepare: bad signature";
  for (const request of batch.requests) {
    if (refusal(cluster, ports, from, request) !== undefined)
      return "pre-prepare: a request that its client did not sign";
  }
  return undefined;
}

function refuseViewChange(cluster: Configuration, ports: Omit<Ports, "sign">, message: ViewChange): string | undefined {
  const statement = bodyStatement(cluster, "view-change", signedBody(message));
  if (!ports.verify(replicaAt(cluster, message.sender), statement, message.signature))
    return "view-change: bad signature";
  if (message.view === 0) return "view-change: to view 0";
  if (!provesStable(cluster, ports, message.stable)) return "view-change: bad stable certificate";
  let previous = message.stable.sequence;
  const last = previous + cluster.window;
  for (const certificate of message.prepared) {
    if (certificate.sequence <= previous || certificate.sequence > last)
      return "view-change: prepared out of order or window";
    if (certificate.view >= message.view) return "view-change: prepared in a view to come";
    if (!provesPrepared(cluster, ports, certificate)) return "view-change: bad prepared certificate";
    previous = certificate.sequence;
  }
  return undefined;
}

function refuseNewView(cluster: Configuration, ports: Omit<Ports, "sign">, message: NewView): string | undefined {
  const primary = replicaAt(cluster, primaryOf(cluster, message.view));
  if (!ports.verify(primary, bodyStatement(cluster, "new-view", signedBody(message)), message.signature))
    return "new-view: bad signature";
  if (message.viewChanges.length !== cluster.quorum) return "new-view: not a quorum of view changes";
  let previous = -1;
  for (const viewChange of message.viewChanges) {
    if (viewChange.view !== message.view) return "new-view: a view change to another view";
    if (viewChange.sender <= previous) return "new-view: senders out of order";
    previous = viewChange.sender;
    const reason = refuseViewChange(cluster, ports, viewChange);
    if (reason !== undefined) return `new-view: ${reason}`;
  }
  const plan = planNewView(message.viewChanges, BEGINNING);
  if (plan.proposals.length !== message.proposals.length)
    return "new-view: not the proposals that follow from its view changes";
  for (const [index, proposal] of message.proposals.entries()) {
    const due = plan.proposals[index];
    if (due === undefined || due.sequence !== proposal.sequence || !equalBytes(due.digest, proposal.digest)) {
      return "new-view: not the proposals that follow from its view changes";
    }
    if (!provesProposal(cluster, ports, message.view, proposal)) return "new-view: an unsigned proposal";
  }
  return undefined;
}

function refuseReply(cluster: Configuration, ports: Omit<Ports, "sign">, message: Reply): string | undefined {
  const { client, executed, results, sender, signature } = message;
  for (const result of results) {
    const root = foldResult(resultLeaf({ client, ...result }, ports.digest), result.path, ports.digest);
    if (root === undefined || !equalBytes(root, executed.root)) return "reply: a result that is not in its batch";
  }
  const statement = executedStatement(cluster, executed, sender);
  return ports.verify(replicaAt(cluster, sender), statement, signature) ? undefined : "reply: bad signature";
}

function refuseSlots(cluster: Configuration, ports: Omit<Ports, "sign">, message: Slots): string | undefined {
  let previous: number | undefined;
  for (const { certificate, batch } of message.slots) {
    if (previous !== undefined && certificate.sequence !== previous + 1) return "slots: not in sequence";
    previous = certificate.sequence;
    if (!equalBytes(certificate.digest, batch.digest)) return "slots: not the certified batch";
    if (!provesCommitted(cluster, ports, certificate)) return "slots: bad commit certificate";
  }
  return undefined;
}

/**
 * Decides whether a message can matter to a replica, asked before anything in it is verified. What is dropped here changes
 * nothing: it takes no sender's place, is not kept, and feeds no timer.
 *
 * A vote is dropped if it repeats a digest that its sender's counted vote or the slot's certificate already has, or lies
 * outside the views and the window. One that names another digest is evidence of a lie, and is verified.
 */
import { equalBytes } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import type { CheckpointVote, Message, PrePrepare, Slots, StableAnswer, Vote } from "../codec/message.ts";
import { replicaAt } from "../configuration.ts";
import type { Replica } from "./replica.ts";

/** Returns whether a decoded message, not verified yet, may be worth its verification. */
export function matters(replica: Replica, from: PeerId, message: Message): boolean {
  const { view, execution } = replica;
  if (message.type === "hello") return from !== replica.self;
  if (replica.catchUp.refuses(from)) return false;
  switch (message.type) {
    case "request":
      // Of one that waits, a repetition matters only from its client: it is passed on to the primary again.
      return from === message.client || !execution.pool.has(message.client, message.number);
    case "pre-prepare":
      return prePrepareMatters(replica, message);
    case "prepare":
    case "commit":
      return voteMatters(replica, message);
    case "checkpoint":
      return checkpointMatters(replica, message);
    case "complaint":
      return message.view === view.number;
    case "departure":
      return view.endsBy(message.certificate);
    case "view-change":
      return view.isNews(message);
    case "new-view":
      return view.isLater(message.view);
    case "slots":
      return slotsMatter(replica, message);
    case "stable":
      return stableMatters(replica, from, message);
    case "status":
    case "fetch-batch":
    case "batch":
    case "fetch-slots":
    case "fetch-chunk":
    case "chunk":
      return true;
    case "reply":
    case "hint":
      return false;
  }
}

/** Those of later views are sent again once their view has begun here, after its NEW-VIEW. */
function prePrepareMatters({ view, log }: Replica, { view: number, sequence, batch }: PrePrepare): boolean {
  if (number !== view.number || view.changing || view.isPrimary || !log.inWindow(sequence)) return false;
  const slot = log.at(sequence);
  const heard = slot?.heard;
  if (heard === undefined) return log.hasRoom(sequence, batch.bytes.length);
  if (slot === undefined || !equalBytes(heard.digest, batch.digest)) return true;
  return slot.proposal !== undefined && slot.batch(batch.digest) === undefined;
}

function voteMatters({ view, log, cluster }: Replica, { type, view: number, sequence, sender, digest }: Vote): boolean {
  if (view.isLater(number)) return number <= view.number + cluster.replicas.length;
  if (number < view.number || !log.inWindow(sequence)) return false;
  const slot = log.at(sequence);
  if (slot === undefined) return true;
  const counted = slot.voteOf(type, sender);
  if (counted !== undefined) return !equalBytes(counted.digest, digest);
  // A PREPARE still matters to a replica that has not sent its COMMIT, for others may need it.
  const certified = type === "commit" ? slot.committed : slot.committing ? slot.prepared : undefined;
  return certified === undefined || !equalBytes(certified.digest, digest);
}

function checkpointMatters({ log }: Replica, { sequence, sender, digest }: CheckpointVote): boolean {
  if (!log.countsCheckpoint(sequence)) return false;
  const counted = log.checkpointVote(sequence, sender);
  return counted === undefined || !equalBytes(counted.digest, digest);
}

function slotsMatter({ execution, log, cluster }: Replica, { slots }: Slots): boolean {
  const last = log.stable.sequence + cluster.window + cluster.checkpointInterval;
  return slots.some(({ certificate: { sequence } }) => sequence > execution.lastExecuted && sequence <= last);
}

function stableMatters({ log, catchUp, cluster }: Replica, from: PeerId, message: StableAnswer): boolean {
  const { sequence } = message.certificate;
  if (sequence > log.stable.sequence) return true;
  if (message.manifest === undefined || sequence < log.stable.sequence) return false;
  if (catchUp.transfer !== undefined) return sequence > catchUp.transfer.sequence;
  return catchUp.pullsFrom !== undefined && replicaAt(cluster, catchUp.pullsFrom) === from;
}

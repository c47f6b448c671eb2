/**
 * The bytes that are signed. Each begins with the protocol and its version, the kind of statement and the cluster's
 * name, so that no signature can be taken for another kind's, another cluster's or another protocol's.
 */
import { ByteWriter } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import type { Configuration } from "../configuration.ts";

const PROTOCOL = new TextEncoder().encode("void-pbft/1\0");

/** Kinds of signed statements. Their numbers are part of the format. */
const STATEMENT = {
  request: 1,
  "pre-prepare": 2,
  prepare: 3,
  commit: 4,
  checkpoint: 5,
  "view-change": 6,
  "new-view": 7,
  reply: 8,
  status: 9,
  complaint: 10,
} as const;

const prefixes = new WeakMap<Configuration, Uint8Array>();

/** `void-pbft/1`, kind and cluster; the caller writes the rest. */
function statement(cluster: Configuration, kind: keyof typeof STATEMENT, capacity: number): ByteWriter {
  let name = prefixes.get(cluster);
  if (name === undefined) {
    name = new TextEncoder().encode(cluster.cluster);
    prefixes.set(cluster, name);
  }
  return new ByteWriter(PROTOCOL.length + 5 + name.length + capacity).raw(PROTOCOL).u8(STATEMENT[kind]).block(name);
}

/** Statement of a request, signed by its client. */
export function requestStatement(
  cluster: Configuration,
  client: PeerId,
  number: number,
  operation: Uint8Array,
): Uint8Array {
  return statement(cluster, "request", 128 + operation.length)
    .ascii(client)
    .u53(number)
    .block(operation)
    .finish();
}

/** Statement about a slot, signed by a primary (PRE-PREPARE) or a replica (PREPARE, COMMIT). */
export function slotStatement(
  cluster: Configuration,
  kind: "pre-prepare" | "prepare" | "commit",
  view: number,
  sequence: number,
  digest: Uint8Array,
  sender: number,
): Uint8Array {
  return statement(cluster, kind, 64).u53(view).u53(sequence).raw(digest).u8(sender).finish();
}

/** Statement about the state after `sequence`. */
export function checkpointStatement(
  cluster: Configuration,
  sequence: number,
  digest: Uint8Array,
  sender: number,
): Uint8Array {
  return statement(cluster, "checkpoint", 64).u53(sequence).raw(digest).u8(sender).finish();
}

/** A replica's complaint of a view. */
export function complaintStatement(cluster: Configuration, view: number, sender: number): Uint8Array {
  return statement(cluster, "complaint", 16).u53(view).u8(sender).finish();
}

/** Statement of a message that is signed as a whole: its encoding without the signature. */
export function bodyStatement(
  cluster: Configuration,
  kind: "view-change" | "new-view" | "reply" | "status",
  body: Uint8Array,
): Uint8Array {
  return statement(cluster, kind, body.length).raw(body).finish();
}

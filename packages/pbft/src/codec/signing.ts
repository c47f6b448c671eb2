/**
 * The bytes that are signed. Each begins with the protocol and its version, the kind of statement, the cluster's id and the
 * number of its configuration, so that no signature can be taken for another kind's, another cluster's or another protocol's.
 */
import { ByteWriter } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import type { Configuration } from "../configuration.ts";
import { writeSender } from "./sender.ts";
import { PROTOCOL } from "./version.ts";

const DOMAIN = new TextEncoder().encode(`${PROTOCOL}\0`);

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

/** Protocol, kind, cluster and configuration; the caller writes the rest. */
function statement(cluster: Configuration, kind: keyof typeof STATEMENT, capacity: number): ByteWriter {
  let name = prefixes.get(cluster);
  if (name === undefined) {
    name = new TextEncoder().encode(cluster.cluster);
    prefixes.set(cluster, name);
  }
  const writer = new ByteWriter(DOMAIN.length + 9 + name.length + capacity).raw(DOMAIN).u8(STATEMENT[kind]);
  return writer.block(name).u32(cluster.number);
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
  return writeSender(statement(cluster, kind, 64).u53(view).u53(sequence).raw(digest), sender).finish();
}

/** Statement about the state after `sequence`. */
export function checkpointStatement(
  cluster: Configuration,
  sequence: number,
  digest: Uint8Array,
  sender: number,
): Uint8Array {
  return writeSender(statement(cluster, "checkpoint", 64).u53(sequence).raw(digest), sender).finish();
}

/** A replica's complaint of a view. */
export function complaintStatement(cluster: Configuration, view: number, sender: number): Uint8Array {
  return writeSender(statement(cluster, "complaint", 16).u53(view), sender).finish();
}

/** Statement of a message that is signed as a whole: its encoding without the signature. */
export function bodyStatement(
  cluster: Configuration,
  kind: "view-change" | "new-view" | "reply" | "status",
  body: Uint8Array,
): Uint8Array {
  return statement(cluster, kind, body.length).raw(body).finish();
}

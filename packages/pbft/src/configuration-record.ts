/**
 * The record of a configuration: all that the nodes of a cluster must have alike, as bytes. Its digest names it, and two
 * records that differ name what differs. It is part of the certified state, so it also says which build may read that state:
 * the bounds on which the outcome of an operation depends are in it.
 */
import { ByteWriter, decodeAll, toHex } from "@void-system/bytes";
import { readPeerId, type Decoded, type PeerId } from "@void-system/effects";
import {
  BATCH_BYTES_MAX,
  CHUNK_BYTES_MAX,
  CHUNKS_MAX,
  CLUSTER_BYTES_MAX,
  OPERATION_BYTES_MAX,
  PUBLIC_KEY_BYTES_MAX,
  REPLICAS_MAX,
  RESULT_BYTES_MAX,
  ROOT_BYTES_MAX,
  SESSION_AHEAD_MAX,
  SESSION_RESULT_BYTES_MAX,
  SESSION_WINDOW,
} from "./limits.ts";

/** Facts of a configuration that its record holds. */
export interface ConfigurationFacts {
  /** Id of the cluster, drawn at random at its birth. It is signed with everything. */
  readonly cluster: string;
  /** Number of the configuration, signed with everything. The one that a cluster is born with is 0. */
  readonly number: number;
  /** The replicas, in the order that decides who is primary. */
  readonly replicas: readonly PeerId[];
  /** Their public keys, in the same order. None in a cluster whose keys live in one process only. */
  readonly publicKeys: readonly Uint8Array[];
  /** Number of replicas that may lie. */
  readonly f: number;
  /** K: a checkpoint is taken each time this many batches were executed. */
  readonly checkpointInterval: number;
  /** Most requests of one batch: a larger one is refused before any signature in it is verified. */
  readonly batchRequestsMax: number;
  /** Clients whose requests are remembered. */
  readonly sessionsMax: number;
  /** Time for which a backup waits for a request before it complains of the view; doubled with each view that fails. */
  readonly viewTimeoutMs: number;
  /** Distance by which a proposed time may differ from a backup's clock. */
  readonly clockDriftMs: number;
  /** Most bytes of state that the machine takes. The machine counts them and refuses what is beyond. */
  readonly maxStateBytes: number;
}

const VERSION = 1;

/** The numbers of a record, in order: those that a cluster chooses, then those of the build. */
const NUMBERS = [
  "f",
  "checkpointInterval",
  "batchRequestsMax",
  "sessionsMax",
  "viewTimeoutMs",
  "clockDriftMs",
  "maxStateBytes",
  "OPERATION_BYTES_MAX",
  "BATCH_BYTES_MAX",
  "RESULT_BYTES_MAX",
  "SESSION_WINDOW",
  "SESSION_RESULT_BYTES_MAX",
  "SESSION_AHEAD_MAX",
  "CHUNK_BYTES_MAX",
  "CHUNKS_MAX",
  "ROOT_BYTES_MAX",
] as const;

const BUILD = {
  OPERATION_BYTES_MAX,
  BATCH_BYTES_MAX,
  RESULT_BYTES_MAX,
  SESSION_WINDOW,
  SESSION_RESULT_BYTES_MAX,
  SESSION_AHEAD_MAX,
  CHUNK_BYTES_MAX,
  CHUNKS_MAX,
  ROOT_BYTES_MAX,
};

/** The bytes of a configuration's record. */
export function encodeConfiguration(facts: ConfigurationFacts): Uint8Array {
  const writer = new ByteWriter(1_024).u8(VERSION).text(facts.cluster).u32(facts.number).u8(facts.replicas.length);
  for (const [index, id] of facts.replicas.entries()) writer.ascii(id).block(facts.publicKeys[index] ?? new Uint8Array(0));
  const values = { ...facts, ...BUILD };
  writer.u8(NUMBERS.length);
  for (const name of NUMBERS) writer.u53(values[name]);
  return writer.finish();
}

/** Reads a record as named values, for comparison. */
function describeConfiguration(bytes: Uint8Array): Decoded<ReadonlyMap<string, string>> {
  return decodeAll(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) reader.fail(`a configuration of version ${VERSION}`, `version ${version}`);
    const described = new Map([["cluster", reader.text(CLUSTER_BYTES_MAX)]]);
    described.set("number", `${reader.u32()}`);
    const count = reader.u8();
    if (count > REPLICAS_MAX) reader.fail(`at most ${REPLICAS_MAX} replicas`, `${count}`);
    const ids: string[] = [];
    const keys: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const id = readPeerId(reader);
      const key = reader.block(PUBLIC_KEY_BYTES_MAX);
      ids.push(id);
      if (key.length > 0) keys.push(`${id} ${toHex(key)}`);
    }
    described.set("replicas", ids.join(", ")).set("public keys", keys.join(", "));
    const numbers = reader.u8();
    if (numbers !== NUMBERS.length) reader.fail(`${NUMBERS.length} numbers`, `${numbers}`);
    for (const name of NUMBERS) described.set(name, `${reader.u53()}`);
    return described;
  });
}

/** Names what differs between this node's record and another one, for people. */
export function configurationDifference(own: Uint8Array, other: Uint8Array): string {
  const [here, there] = [describeConfiguration(own), describeConfiguration(other)];
  if (!here.ok || !there.ok) return there.ok ? "this node's own record cannot be read" : `it cannot be read: ${there.reason}`;
  const differences: string[] = [];
  for (const [name, value] of here.value) {
    const found = there.value.get(name) ?? "";
    if (found !== value) differences.push(`${name} is "${value}" here and "${found}" there`);
  }
  return differences.join("; ");
}

/**
 * A statement of one node to its peers, over their link: the facts that must be the same on all of them, and the facts
 * that a replica without its disk has forgotten. Fixed layout, see `docs/format.md`.
 */
import { ByteWriter, type Decoded, decodeAll } from "@void-system/bytes";

/** Bytes of the names of a root key and of a configuration. */
export const FACT_ID_BYTES = 8;

/** The id of what a node has for itself alone, such as a root key that it has made for its process. */
export const NOT_COMPARED: string = "00".repeat(FACT_ID_BYTES);

/** A node's statement about itself, and about the replicas that it has seen. */
export interface PeerReport {
  /** Hex; equal for nodes with the same root key. It says nothing of the key itself. */
  readonly rootKeyId: string;
  /** Hex; equal for nodes that were given the same cluster, `pbftF` and `replicaIds` in the same order. */
  readonly configId: string;
  /** The node's wall clock when it sent the report. */
  readonly wallMs: number;
  /** Sequence number of the last batch that it executed. */
  readonly executed: number;
  /** True once its replica may have voted. */
  readonly hasVoted: boolean;
  /** True while its replica has an empty disk by the word of its operator, and has not caught up with its own votes. */
  readonly isEmptied: boolean;
  /** Indices in `replicaIds` of the replicas that have said to it that they may have voted. */
  readonly voters: readonly number[];
}

const VERSION = 1;
const VOTED = 1;
const EMPTIED = 2;
const VOTERS_MAX = 31;

/** Returns the bytes of a report. */
export function encodePeerReport(report: PeerReport): Uint8Array {
  return new ByteWriter()
    .u8(VERSION)
    .u8((report.hasVoted ? VOTED : 0) | (report.isEmptied ? EMPTIED : 0))
    .raw(idBytes(report.rootKeyId))
    .raw(idBytes(report.configId))
    .u53(Math.max(0, Math.floor(report.wallMs)))
    .u53(report.executed)
    .u32(report.voters.reduce((mask, index) => mask + 2 ** index, 0))
    .finish();
}

/** Reads a report. A later version may add fields at the end. */
export function decodePeerReport(bytes: Uint8Array): Decoded<PeerReport> {
  return decodeAll(bytes, (reader) => {
    const version = reader.u8();
    if (version < VERSION) reader.fail(`version ${VERSION} or later`, `${version}`);
    const flags = reader.u8();
    const rootKeyId = idText(reader.raw(FACT_ID_BYTES));
    const configId = idText(reader.raw(FACT_ID_BYTES));
    const [wallMs, executed, mask] = [reader.u53(), reader.u53(), reader.u32()];
    if (version > VERSION) reader.rest();
    const voters = Array.from({ length: VOTERS_MAX }, (_, index) => index).filter((index) => Math.floor(mask / 2 ** index) % 2 === 1);
    return { rootKeyId, configId, wallMs, executed, hasVoted: (flags & VOTED) !== 0, isEmptied: (flags & EMPTIED) !== 0, voters };
  });
}

function idBytes(id: string): Uint8Array {
  return Uint8Array.from(Buffer.from(id, "hex"));
}

function idText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/**
 * The manifest of a checkpoint: what the replicas vote on. Its digest is in the CHECKPOINT votes, and it lists the
 * hash of every chunk, so a replica that transfers the state checks each chunk as it arrives and knows who lied.
 */
import { ByteWriter, decodeAll } from "@void-system/bytes";
import type { Decoded } from "@void-system/effects";
import type { AgreedTime } from "../protocol/agreed-time.ts";
import { CHUNKS_MAX, CONFIGURATION_BYTES_MAX, DIGEST_BYTES, ROOT_BYTES_MAX } from "../limits.ts";
import type { Digest } from "../ports.ts";
import { domain, readVersion } from "./version.ts";

/** A checkpointed state, described. */
export interface Manifest {
  /** The record of the configuration under which it was certified. */
  readonly configuration: Uint8Array;
  readonly sequence: number;
  /** The agreed time of the last batch: the next is after it. */
  readonly time: AgreedTime;
  /** The state machine's root. */
  readonly root: Uint8Array;
  /** Number of the first hashes that are of session chunks; the rest are the state machine's. */
  readonly sessionChunks: number;
  readonly hashes: readonly Uint8Array[];
}

const VERSION = 3;
const DOMAIN = domain("checkpoint");
const CHUNK_DOMAIN = domain("chunk");

/** The bytes of a manifest. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const { physicalMs, logical, proposer } = manifest.time;
  const { configuration } = manifest;
  const writer = new ByteWriter(128 + configuration.length + manifest.hashes.length * DIGEST_BYTES).u8(VERSION);
  writer
    .block(configuration)
    .u53(manifest.sequence)
    .u53(physicalMs)
    .u16(logical)
    .u8(proposer)
    .block(manifest.root)
    .u32(manifest.sessionChunks)
    .u32(manifest.hashes.length);
  for (const hash of manifest.hashes) writer.raw(hash);
  return writer.finish();
}

/** The manifest of bytes. */
export function decodeManifest(bytes: Uint8Array): Decoded<Manifest> {
  return decodeAll(bytes, (reader) => {
    readVersion(reader, "a manifest", VERSION);
    const configuration = reader.block(CONFIGURATION_BYTES_MAX);
    const sequence = reader.u53();
    const time = { physicalMs: reader.u53(), logical: reader.u16(), proposer: reader.u8() };
    const root = reader.block(ROOT_BYTES_MAX);
    const sessionChunks = reader.count(CHUNKS_MAX);
    const count = reader.count(CHUNKS_MAX);
    if (sessionChunks > count) reader.fail(`at most ${count} session chunks`, `${sessionChunks}`);
    const hashes: Uint8Array[] = [];
    for (let index = 0; index < count; index += 1) hashes.push(reader.raw(DIGEST_BYTES));
    return { configuration, sequence, time, root, sessionChunks, hashes };
  });
}

/** Digest that CHECKPOINT votes name. */
export function manifestDigest(digest: Digest, sequence: number, manifest: Uint8Array): Uint8Array {
  return digest(new ByteWriter(64 + manifest.length).raw(DOMAIN).u53(sequence).raw(manifest).finish());
}

/** The hash of one chunk, as manifests list it unless the state machine has hashes of its own. */
export function chunkHash(digest: Digest, chunk: Uint8Array): Uint8Array {
  return digest(new ByteWriter(32 + chunk.length).raw(CHUNK_DOMAIN).raw(chunk).finish());
}

/** The bytes of a commit proof (docs/format.md). */
import { ByteWriter, decodeAll } from "@void-system/bytes";
import { SIGNATURE_BYTES } from "../ed25519/equation.ts";
import {
  type ClusterConfiguration,
  type CommittedBatch,
  OPERATION_BYTES_MAX,
  readCommittedBatch,
  readRequestStatement,
  type ReplicaSigner,
  type SignedRequest,
  writeCommittedBatch,
} from "./statements.ts";
import { RESULT_PATH_BYTES_MAX } from "./result-tree.ts";

/** Longest result, in bytes. */
const RESULT_BYTES_MAX = 1_000_000;
/** Longest statement of a request, in bytes. */
const REQUEST_BYTES_MAX = OPERATION_BYTES_MAX + 8_192;
/** Longest commit proof, in bytes. */
export const COMMIT_PROOF_BYTES_MAX: number = REQUEST_BYTES_MAX + RESULT_BYTES_MAX + RESULT_PATH_BYTES_MAX + 32_768;

const VERSION = 1;

/** The parts of a commit proof. */
export interface CommitProofParts {
  /** The statement of the request, see `requestStatement`. */
  readonly statement: Uint8Array;
  /** Fate of the request, as a number of the protocol. */
  readonly status: number;
  /** The result. */
  readonly result: Uint8Array;
  /** The path from the result to the root of the batch's results. */
  readonly path: Uint8Array;
  /** The executed batch. */
  readonly executed: CommittedBatch;
  /** Signatures over the statement of the batch, f+1 of them, in the order of their signers. */
  readonly signatures: readonly (ReplicaSigner & { readonly signature: Uint8Array })[];
}

/** A decoded proof, in which nothing is verified. */
export interface DecodedProof extends CommitProofParts {
  readonly asked: ClusterConfiguration & { readonly request: SignedRequest };
}

/** Encodes a commit proof. */
export function encodeCommitProof(parts: CommitProofParts): Uint8Array {
  const { statement, status, result, path, executed, signatures } = parts;
  const writer = new ByteWriter(1_024 + statement.length + result.length).u8(VERSION);
  writeCommittedBatch(writer.block(statement).u8(status).block(result).block(path), executed).u8(signatures.length);
  for (const { index, incarnation, signature } of signatures) writer.u8(index).u32(incarnation).raw(signature);
  return writer.finish();
}

/** Decodes a commit proof, or returns the reason why the bytes are none. */
export function decodeCommitProof(bytes: Uint8Array): DecodedProof | string {
  if (bytes.length > COMMIT_PROOF_BYTES_MAX) return `${bytes.length} bytes`;
  const decoded = decodeAll(bytes, (reader): DecodedProof => {
    const version = reader.u8();
    if (version !== VERSION) reader.fail(`version ${VERSION}`, `version ${version}`);
    const statement = reader.block(REQUEST_BYTES_MAX);
    const asked = decodeAll(statement, readRequestStatement);
    if (!asked.ok) return reader.fail("the statement of a request", asked.reason);
    const [status, result, path] = [reader.u8(), reader.block(RESULT_BYTES_MAX), reader.block(RESULT_PATH_BYTES_MAX)];
    const executed = readCommittedBatch(reader);
    const signatures = [];
    for (let left = reader.u8(); left > 0; left -= 1)
      signatures.push({ index: reader.u8(), incarnation: reader.u32(), signature: reader.raw(SIGNATURE_BYTES) });
    return { statement, asked: asked.value, status, result, path, executed, signatures };
  });
  return decoded.ok ? decoded.value : decoded.reason;
}

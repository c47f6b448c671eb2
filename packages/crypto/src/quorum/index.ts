export { COMMIT_PROOF_BYTES_MAX, type CommitProofParts, encodeCommitProof } from "./commit-proof-format.ts";
export { type CommitProofRefusal, type CommitProofVerdict, type QuorumCluster, verifyCommitProof } from "./commit-proof.ts";
export {
  encodeEvidence,
  EVIDENCE_BYTES_MAX,
  type EvidenceParts,
  type EvidenceRefusal,
  type EvidenceVerdict,
  type PlaceKind,
  type SignedDigest,
  type SignedPlace,
  verifyEvidence,
} from "./evidence.ts";
export {
  checkpointStatement,
  type ClusterConfiguration,
  clusterStatement,
  type CommittedBatch,
  commitStatement,
  readCommittedBatch,
  readSignedRequest,
  type ReplicaSigner,
  requestStatement,
  type SignedRequest,
  slotStatement,
  writeCommittedBatch,
  writeSignedRequest,
} from "./statements.ts";
export { type CommittedResult, type Digest, foldResult, RESULT_PATH_BYTES_MAX, type ResultTree, resultLeaf, resultTree } from "./result-tree.ts";

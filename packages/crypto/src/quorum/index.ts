export { COMMIT_PROOF_BYTES_MAX, type CommitProofParts, encodeCommitProof } from "./commit-proof-format.ts";
export { type CommitProofRefusal, type CommitProofVerdict, type QuorumCluster, verifyCommitProof } from "./commit-proof.ts";
export {
  type ClusterConfiguration,
  clusterStatement,
  type CommittedBatch,
  commitStatement,
  readCommittedBatch,
  readSignedRequest,
  type ReplicaSigner,
  requestStatement,
  type SignedRequest,
  writeCommittedBatch,
  writeSignedRequest,
} from "./statements.ts";
export { type CommittedResult, foldResult, RESULT_PATH_BYTES_MAX, type ResultTree, resultLeaf, resultTree } from "./result-tree.ts";

/**
 * Practical Byzantine fault tolerance: a replicated log that survives f lying replicas of 3f+1.
 *
 * @packageDocumentation
 */
export type { AgreedTime } from "./agreed-time.ts";
export type { Batch, Request } from "./batch.ts";
export type { CommitCertificate, PreparedCertificate, Proposal, Signature, StableCertificate } from "./certificate.ts";
export { provesCommitted, provesStable } from "./certificate.ts";
export { configuration, primaryOf, type Configuration, type ConfigurationOptions } from "./configuration.ts";
export type { Executed, ExecutedRequest, OwnReply, ReplicaDelivery, Restored } from "./delivery.ts";
export * from "./errors.ts";
export * from "./limits.ts";
export { messageCodec } from "./message-codec.ts";
export * from "./message.ts";
export type { Digest, Ports, Sign, Verify } from "./ports.ts";
export { recordCodec, type ReplicaRecord } from "./record.ts";
export { ReplicaCore, type ReplicaStanding } from "./replica-core.ts";
export type { ReplicaOptions, ReplicaTuning } from "./replica-options.ts";
export type { ReplicaCounters, ReplicaOutput } from "./replica-state.ts";
export type { Agreed, Command, Snapshot, StateMachine, Timestamp } from "./state-machine.ts";
export { pbftWire } from "./wire.ts";
export { client, type ClientParts, type HostedClient } from "./client.ts";
export {
  ClientCore,
  type ClientDelivery,
  type ClientOptions,
  type ClientOutput,
  type ClientTuning,
  type Outcome,
  type Submission,
} from "./client-core.ts";
export { replica, type HostedReplica, type ReplicaParts } from "./replica.ts";
export { portsOf, type Keys } from "./keys.ts";
export { plainBytes, type OperationCodec } from "./operation-codec.ts";
export { PBFTClient, type PBFTClientOptions } from "./pbft-client.ts";
export { PBFT_CHANNEL, PBFTNode, type PBFTNodeOptions, type PBFTNodeStatus } from "./pbft-node.ts";

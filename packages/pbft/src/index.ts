/**
 * Practical Byzantine fault tolerance: a replicated log that survives f lying replicas of 3f+1.
 *
 * @packageDocumentation
 */
export type { AgreedTime } from "./protocol/agreed-time.ts";
export { Machine, type Batch, type Request } from "./codec/batch.ts";
export type { CommitCertificate, DepartureCertificate, PreparedCertificate, Proposal, Signature, StableCertificate } from "./codec/certificate.ts";
export { provesCommitted, provesStable } from "./codec/certificate.ts";
export { configuration, primaryOf, type Configuration, type ConfigurationOptions } from "./configuration.ts";
export type { ConfigurationFacts } from "./configuration-record.ts";
export type { Contradiction, Evidence } from "./protocol/evidence.ts";
export type { Executed, ExecutedRequest, OwnReply, ReplicaDelivery, Restored } from "./protocol/delivery.ts";
export * from "./errors.ts";
export * from "./limits.ts";
export { messageCodec } from "./codec/message-codec.ts";
export * from "./codec/message.ts";
export type { Digest, Ports, Sign, Verify } from "./ports.ts";
export { recordCodec, type ReplicaRecord } from "./codec/record.ts";
export { ReplicaCore, type ReplicaStanding, type Resign } from "./protocol/replica-core.ts";
export type { ReplicaOptions, ReplicaTuning } from "./protocol/replica-options.ts";
export type { ReplicaOutput } from "./protocol/outbox.ts";
export type { ReplicaCounters } from "./protocol/replica.ts";
export type { Agreed, Command, Snapshot, StateMachine, Timestamp } from "./protocol/state-machine.ts";
export { pbftWire, type PbftWire, type WireOptions } from "./codec/wire.ts";
export { client, type ClientParts, type HostedClient } from "./client/client.ts";
export { ClientCore, type ClientOutput } from "./client/client-core.ts";
export { timeoutMsMin, type ClientDelivery, type ClientOptions, type ClientTuning, type Submission } from "./client/client-options.ts";
export type { Outcome, RefusalCode, UnknownCode } from "./client/outcome.ts";
export { replica, type HostedReplica, type ReplicaParts } from "./service/replica.ts";
export { proveOwnKey } from "./service/own-key.ts";
export { portsOf, type Keys } from "./service/keys.ts";
export { plainBytes, type OperationCodec } from "./service/operation-codec.ts";
export { PBFTClient, type PBFTClientOptions, type ProvenResult } from "./client/pbft-client.ts";
export { PBFT_CHANNEL, PBFTNode, type PBFTNodeOptions, type PBFTNodeStatus } from "./service/pbft-node.ts";

/**
 * A client of a whole cluster, an entry point of its own: programs that only run a node do not carry it.
 *
 * @packageDocumentation
 */
export { ClusterClient } from "./clients/cluster-client.ts";
export { CommandError, UnreachableClusterError } from "./errors.ts";
export type { ListenAddress } from "./listen.ts";

/**
 * Links over TLS 1.3 with pinned Ed25519 keys, on Node.
 *
 * @packageDocumentation
 */
export type { TlsRecords } from "./peers/records.ts";
export type { Address } from "./peers/dialer.ts";
export { REASON_LENGTH_MAX } from "./connection/control.ts";
export { HELLO_FIELD_BYTES_MAX, HELLO_FIELDS_MAX, HELLO_TAG_MIN, type HelloFields } from "./connection/hello.ts";
export { FRAME_BYTES_MAX, FRAME_CREDIT, TLS_LIMITS, WINDOW_BYTES_MIN, type TlsLimits } from "./limits.ts";
export type { ListenAddress, TlsOptions, TlsTransport } from "./tls-transport.ts";
export type { TlsPeer } from "./peers/peers.ts";
export { tls } from "./tls.ts";

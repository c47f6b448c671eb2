/**
 * Links over TLS 1.3 with pinned Ed25519 keys, on Node.
 *
 * @packageDocumentation
 */
export type { Address } from "./dialer.ts";
export { FRAME_BYTES_MAX, TLS_LIMITS, type TlsLimits } from "./limits.ts";
export type { ListenAddress, TlsOptions, TlsTransport } from "./options.ts";
export type { TlsPeer } from "./peers.ts";
export { tls } from "./tls.ts";

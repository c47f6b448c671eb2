/**
 * Links between named peers: what every transport can do, and the one inside a process.
 *
 * @packageDocumentation
 */
export {
  CertificateError,
  CertificateNameError,
  ClosedError,
  ListenError,
  OptionError,
  PeerError,
  PortTakenError,
  TransportError,
} from "./errors.ts";
export { memory, type MemoryOptions } from "./memory.ts";
export type { LinkStats, Transport, TransportStats } from "./transport.ts";

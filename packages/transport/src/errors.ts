/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class TransportError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, another program (or another node) listens on the port already. */
export class PortTakenError extends TransportError {
  constructor(host: string, port: number, options?: ErrorOptions) {
    super(
      "ERR_PORT_TAKEN",
      `expected port ${port} on ${host} to be free, but something listens there already; stop it, choose another port, or 0 for any`,
      options,
    );
  }
}

/** When this is thrown, the operating system does not let us listen; `cause` says why. */
export class ListenError extends TransportError {
  constructor(host: string, port: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      "ERR_LISTEN",
      `could not listen on ${host}, port ${port}: ${reason}; check that the address belongs to this machine and the port is allowed`,
      { cause },
    );
  }
}

/** When this is thrown, the text is not a certificate, or the certificate belongs to another key. */
export class CertificateError extends TransportError {
  constructor(got: string, options?: ErrorOptions) {
    super(
      "ERR_CERTIFICATE",
      `expected a PEM certificate of this node's own Ed25519 key, got ${got}; make one with createCertificate(key, { name })`,
      options,
    );
  }
}

/** When this is thrown, a certificate cannot carry a name. */
export class CertificateNameError extends TransportError {
  constructor(name: unknown, lengthMax: number) {
    super(
      "ERR_CERTIFICATE_NAME",
      `expected a name of 1 to ${lengthMax} characters out of A-Z a-z 0-9 . _ : @ - that begins with a letter or digit, ` +
        `got ${describe(name)}`,
    );
  }
}

/** When this is thrown, the list of peers contradicts itself, or a peer in it has no sound key or address. */
export class PeerError extends TransportError {
  constructor(peer: unknown, expected: string, got: string, options?: ErrorOptions) {
    super("ERR_PEER", `expected ${expected} for peer ${describe(peer)}, got ${got}; correct the list of peers`, options);
  }
}

/** When this is thrown, an option or argument is unknown, of a wrong kind, or out of its range. */
export class OptionError extends TransportError {
  constructor(option: string, expected: string, got: unknown) {
    super("ERR_OPTION", `expected ${option} to be ${expected}, got ${describe(got)}; correct the call`);
  }
}

/** When this is thrown, a transport was used after `close()`. Open a new one. */
export class ClosedError extends TransportError {
  constructor(doing: string) {
    super("ERR_CLOSED", `expected an open transport to ${doing}, got one that was closed; open a new one`);
  }
}

/** Describes a value, short enough for a message. Objects by their kind: they may hold keys. */
export function describe(got: unknown): string {
  if (typeof got === "string") return JSON.stringify(got.slice(0, 80));
  if (typeof got === "function") return "a function";
  if (Array.isArray(got)) return "an array";
  if (got instanceof Uint8Array) return `${got.length} bytes`;
  return typeof got === "object" && got !== null ? "an object" : String(got);
}

/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class SystemError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, the components of a node cannot be put in an order: a programming mistake, found before anything starts. */
export class BootOrderError extends SystemError {
  constructor(message: string) {
    super("ERR_BOOT_ORDER", message);
  }
}

/** When this is thrown, a component did not start; everything before it was stopped again. `cause` is its own error. */
export class BootError extends SystemError {
  /** The component that failed. */
  readonly component: string;

  constructor(component: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super("ERR_BOOT", `${component} did not start: ${reason}`, { cause });
    this.component = component;
  }
}

/** When this is thrown, a face of the node could not listen where it was told to. */
export class ListenError extends SystemError {
  constructor(face: string, address: { readonly host: string; readonly port: number }, cause: unknown) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const why =
      code === "EADDRINUSE"
        ? "another process listens there; stop it, or choose another port (0 takes a free one)"
        : code === "EACCES"
          ? "this user may not use that port; choose one above 1023"
          : code === "EADDRNOTAVAIL"
            ? "this machine does not have that address"
            : String(cause);
    super("ERR_LISTEN", `${face} cannot listen on ${address.host}:${address.port}: ${why}`, { cause });
  }
}

/**
 * Opens listeners.
 */
import type { AddressInfo, Server } from "node:net";
import { ListenError } from "./errors.ts";

/** Address of a listener. */
export interface ListenAddress {
  /** Host. @defaultValue loopback */
  readonly host: string;
  /** TCP port. Port 0 takes a free one. */
  readonly port: number;
}

/**
 * Opens `server` under a name that errors use, and returns its address.
 *
 * @throws {@link ListenError} when the port is taken or may not be used.
 */
export function listen(server: Server, face: string, address: ListenAddress): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(new ListenError(face, address, cause)));
    server.listen(address.port, address.host, () => {
      server.removeAllListeners("error");
      // An error of an open listener is one connection's (too many open files): the others go on.
      server.on("error", () => undefined);
      // A server that listens on TCP has an address of this form.
      const { address: host, port } = server.address() as AddressInfo;
      resolve({ host, port });
    });
  });
}

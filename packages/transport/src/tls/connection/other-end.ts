import type { Socket } from "node:net";

/** Returns address and port of the other end, for logs. Undefined if it is gone already. */
export function otherEnd(socket: Socket): string | undefined {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined || remotePort === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}

/**
 * Returns the addresses and ports of both ends, which no two open connections share. The other end alone may be shared: one address
 * and port can be connected to each address of this machine. Undefined if the connection is gone already.
 */
export function bothEnds(socket: Socket): string | undefined {
  const there = otherEnd(socket);
  const { localAddress, localPort } = socket;
  return there === undefined || localAddress === undefined ? undefined : `${there} ${localAddress} ${localPort}`;
}

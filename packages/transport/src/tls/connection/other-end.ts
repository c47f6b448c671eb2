import type { Socket } from "node:net";

/** Returns address and port of the other end, which no two open connections share. Undefined if it is gone already. */
export function otherEnd(socket: Socket): string | undefined {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined || remotePort === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}

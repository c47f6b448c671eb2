/**
 * Free TCP ports on loopback.
 */
import { type AddressInfo, type Server, createServer } from "node:net";

/** Those of `wanted` that are free, then others, `count` in all; all of them are held open at once, so none repeats. */
export async function freePorts(count: number, wanted: readonly number[] = []): Promise<readonly number[]> {
  const servers: Server[] = [];
  const ports: number[] = [];
  try {
    for (const port of [...wanted, ...Array.from({ length: count }, () => 0)]) {
      if (ports.length === count) break;
      const server = await listen(port);
      if (!server) continue;
      servers.push(server);
      // A server that listens on TCP has an address of this form.
      ports.push((server.address() as AddressInfo).port);
    }
    return ports;
  } finally {
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  }
}

function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

import { createServer, connect as connectTcp, type Server, type Socket } from "node:net";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { privateKeyPem } from "@void-system/crypto/node";
import { ALPN, encodeHello } from "../src/tls/connection/control.ts";
import { CONTROL_BIT } from "../src/tls/connection/frame-reader.ts";
import type { Hello } from "../src/tls/connection/hello.ts";
import type { TlsTransport } from "../src/tls/index.ts";
import type { TestNode } from "./nodes.ts";

/** A peer that does as it likes behind an honest handshake. */
export function rawTls(to: TlsTransport, as: TestNode | undefined, options: ConnectionOptions & { readonly localAddress?: string; readonly allowHalfOpen?: boolean } = {}): TLSSocket {
  const socket = connect({
    ...to.address!,
    ...(as && { key: privateKeyPem(as.key), cert: as.certificate }),
    ALPNProtocols: [ALPN],
    rejectUnauthorized: false,
    ...options,
  });
  socket.on("error", () => undefined);
  socket.resume();
  return socket;
}

export function rawTcp(to: TlsTransport): Socket {
  const socket = connectTcp({ ...to.address! });
  socket.on("error", () => undefined);
  socket.resume();
  return socket;
}

/** A frame as the wire has it, its length said rightly or not. */
export function framed(bytes: Uint8Array, control = false, length: number = bytes.length): Uint8Array {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, (control ? CONTROL_BIT : 0) + length);
  return Uint8Array.from([...header, ...bytes]);
}

export function hello(id: string, cluster = "test", more: Partial<Hello> = {}): Uint8Array {
  return framed(encodeHello({ cluster, id, windowBytes: 16 * 1024 * 1024, frameBytes: 4 * 1024 * 1024, instance: "00".repeat(8), fields: {}, ...more }), true);
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** Resolves to the first bytes that arrive. */
export function firstBytes(socket: Socket): Promise<Uint8Array> {
  return new Promise((resolve) => socket.once("data", (chunk: Uint8Array) => resolve(Uint8Array.from(chunk))));
}

/** Stands between two nodes as a network does: it can cut connections, or swallow what passes, unseen by both. */
export class Wire {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #frozen = false;

  private constructor(target: { readonly host: string; readonly port: number }) {
    this.#server = createServer((near) => {
      const far = connectTcp(target);
      const pair = [near, far] as const;
      this.#pairs.add(pair);
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.on("data", (chunk) => this.#frozen || to.write(chunk));
        from.on("error", () => undefined);
        from.on("close", () => {
          this.#pairs.delete(pair);
          if (!this.#frozen) to.destroy();
        });
      }
    });
  }

  static async to(transport: TlsTransport): Promise<Wire> {
    const wire = new Wire(transport.address!);
    await new Promise<void>((resolve) => wire.#server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get address(): { readonly host: string; readonly port: number } {
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") throw new Error("expected a port");
    return { host: bound.address, port: bound.port };
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** All connections break, with a reset. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** Nothing passes any more, and nobody is told. */
  freeze(frozen: boolean): void {
    this.#frozen = frozen;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

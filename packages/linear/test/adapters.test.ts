/** External resources wrapped as linear ones: a file, a socket, a database, a key, a capability. */
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Socket as NetSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AffineResource, LinearContext, LinearLeakError, LinearResource, LinearTypeError } from "../src/index.ts";
import type { Protocol } from "../src/index.ts";

test("a file handle is written during a borrow, and closed by its consumer", async () => {
  const folder = mkdtempSync(join(tmpdir(), "linear-"));
  try {
    const size = await LinearContext.run(async (context) => {
      const file = new LinearResource<FileHandle>(await open(join(folder, "a"), "w+"), { name: "file", context });
      await file.use((handle) => handle.writeFile("text"));
      const { size: bytes } = await file.use((handle) => handle.stat());
      await file.consume().close();
      return bytes;
    });
    expect(size).toBe(4);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A connection whose type says if it may send. */
class Socket<State extends "open" | "closed"> implements Protocol<State> {
  declare readonly "~state": State;
  declare readonly "~linear": "exactly-once";
  readonly #held: LinearResource<NetSocket>;

  constructor(held: LinearResource<NetSocket>) {
    this.#held = held;
  }

  /** @borrows */
  send(this: Socket<"open">, text: string): boolean {
    return this.#held.use((socket) => socket.write(text));
  }

  /** @consumes */
  close(this: Socket<"open">): Socket<"closed"> {
    return new Socket<"closed">(this.#held.map((socket) => socket.end()));
  }

  /** @consumes */
  bytesSent(this: Socket<"closed">): number {
    return this.#held.consume().bytesWritten;
  }
}

test("a net socket is a protocol: its type says which operations are allowed", async () => {
  const server = createServer((peer) => peer.resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const raw = connect(address.port, "127.0.0.1");
  await new Promise((resolve) => raw.once("connect", resolve));
  const socket = new Socket<"open">(new LinearResource(raw, { name: "socket" }));
  socket.send("hi");
  const closed = socket.close();
  // @ts-expect-error: a closed socket does not send
  const sendMore = (): unknown => closed.send("more");
  expect(sendMore).toBeTypeOf("function");
  // The compiler cannot see that the old handle is used again.
  expect(() => socket.send("more")).toThrow(LinearTypeError);
  expect(() => socket.close()).toThrow(LinearTypeError);
  expect(closed.bytesSent()).toBeGreaterThanOrEqual(2);
  await new Promise((resolve) => server.close(resolve));
});

/** The interface of better-sqlite3. */
class Database {
  readonly log: string[] = [];
  open = true;
  prepare(sql: string): { run(): void } {
    return { run: () => this.log.push(sql) };
  }
  close(): void {
    this.open = false;
  }
}

test("a database is rolled back and closed by its hook when a request forgets it", () => {
  const database = new Database();
  const release = (held: Database): void => {
    held.prepare("ROLLBACK").run();
    held.close();
  };
  expect(() =>
    LinearContext.run((context) => {
      const db = new LinearResource(database, { name: "db", context, dispose: release });
      db.use((held) => held.prepare("BEGIN").run());
    }),
  ).toThrow(LinearLeakError);
  expect(database).toMatchObject({ log: ["BEGIN", "ROLLBACK"], open: false });
});

test("the bytes of a key are zeroed after its use", () => {
  const bytes = new Uint8Array(32).fill(7);
  const zero = (key: Uint8Array): void => void key.fill(0);
  const sign = (key: LinearResource<Uint8Array>): number => {
    const sum = key.use((held) => held.reduce((total, byte) => total + byte, 0));
    key[Symbol.dispose]();
    return sum;
  };
  const key = new LinearResource(bytes, { name: "key", dispose: zero });
  expect(sign(key)).toBe(7 * 32);
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  expect(key.isConsumed).toBe(true);
  expect(() => sign(key)).toThrow(LinearTypeError);
});

test("a capability is split into narrower ones, each used once", () => {
  const capability = new LinearResource({ path: "/data", rights: ["read", "write"] as const }, { name: "capability" });
  const [read, write] = capability.split(({ path, rights }) => [`${rights[0]} ${path}`, `${rights[1]} ${path}`] as const);
  expect([read.name, write.name]).toEqual(["capability[0]", "capability[1]"]);
  expect([read.consume(), write.consume()]).toEqual(["read /data", "write /data"]);
  expect(() => capability.consume()).toThrow(LinearTypeError);
  expect(() => read.consume()).toThrow(LinearTypeError);
  expect(new AffineResource(1).map((n) => n + 1).kind).toBe("affine");
});

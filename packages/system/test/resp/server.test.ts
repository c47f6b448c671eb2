import { type Socket, connect } from "node:net";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ListenError } from "../../src/errors.ts";
import { RespServer } from "../../src/resp/server.ts";
import { testNode } from "../support/node.ts";

let server: RespServer;
let port: number;

beforeEach(async () => {
  const { gateway } = await testNode();
  server = new RespServer(gateway, () => "# Server\r\nvoid:1\r\n");
  ({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
});

afterEach(async () => {
  await server.close();
});

/** Sends bytes and resolves with all that comes back until the server closes, or until `enough`. */
function exchange(sent: string, enough?: (answer: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket: Socket = connect(port, "127.0.0.1", () => socket.write(Buffer.from(sent, "latin1")));
    const finish = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
      if (enough?.(answer)) finish();
    });
    socket.on("error", reject);
    socket.on("close", finish);
  });
}

describe("clients", () => {
  test("ioredis: HELLO 3, every command, pipelines in order", async () => {
    const client = new Redis({ port, password: "admin", lazyConnect: true });
    await client.connect();
    expect(await client.set("a", "1")).toBe("OK");
    expect(await client.get("a")).toBe("1");
    expect(await client.get("absent")).toBeNull();
    expect(await client.incr("a")).toBe(2);
    expect(await client.mset("b", "x", "c", "y")).toBe("OK");
    expect(await client.mget("a", "absent", "c")).toEqual(["2", null, "y"]);
    expect(await client.exists("a", "b", "absent")).toBe(2);
    expect(await client.del("a", "b", "absent")).toBe(2);
    expect(await client.set("n", "1", "NX")).toBe("OK");
    expect(await client.set("n", "2", "NX")).toBeNull();
    expect(await client.call("SET", "n", "3", "XX", "GET")).toBe("1");
    const pipeline = client.pipeline();
    for (let index = 0; index < 100; index++) pipeline.incr("count");
    expect((await pipeline.exec())?.map(([, value]) => value)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    await client.quit();
  });

  test("ioredis: any bytes are a value, and any text a key", async () => {
    const client = new Redis({ port, password: "admin" });
    const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await client.set("schlüssel/☃", value);
    expect(await client.getBuffer("schlüssel/☃")).toEqual(value);
    await client.quit();
  });

  test.each([2, 3] as const)("redis: RESP %i", async (RESP) => {
    const client = createClient({ url: `redis://default:admin@127.0.0.1:${port}`, RESP });
    await client.connect();
    expect(await client.set("k", "v")).toBe("OK");
    expect(await client.get("k")).toBe("v");
    expect(await client.mGet(["k", "absent"])).toEqual(["v", null]);
    await client.close();
  });
});

describe("who has shown no capability", () => {
  test("gets nothing but PING, AUTH, HELLO and QUIT", async () => {
    const answer = await exchange("PING\r\nGET a\r\nINFO\r\nCLIENT ID\r\nFLUSHALL\r\nHELLO 3\r\nQUIT\r\n");
    const [pong, ...rest] = answer.trimEnd().split("\r\n");
    expect(pong).toBe("+PONG");
    expect(rest.slice(0, 5).every((line) => line.startsWith("-NOAUTH"))).toBe(true);
    expect(rest.at(-1)).toBe("+OK");
  });

  test("may show a wrong token a few times, then is shown out", async () => {
    const answer = await exchange("AUTH nonsense\r\n".repeat(20));
    expect(answer.match(/-WRONGPASS/g)).toHaveLength(8);
  });

  test("is not let in by a HELLO with a wrong token", async () => {
    expect(await exchange("HELLO 3 AUTH default nonsense\r\nGET a\r\nQUIT\r\n")).toMatch(/^-WRONGPASS.*\r\n-NOAUTH.*\r\n\+OK\r\n$/);
  });
});

describe("a capability", () => {
  test("permits what it permits and no more", async () => {
    const admin = new Redis({ port, password: "admin" });
    await admin.mset("public/a", "1", "private/b", "2");
    const reader = new Redis({ port, password: "reader" });
    expect(await reader.get("public/a")).toBe("1");
    await expect(reader.get("private/b")).rejects.toThrow(/^NOPERM/);
    await expect(reader.set("public/a", "x")).rejects.toThrow(/^NOPERM/);
    await expect(reader.mget("public/a", "private/b")).rejects.toThrow(/^NOPERM/);
    await expect(reader.call("SET", "public/a", "x", "GET")).rejects.toThrow(/^NOPERM/);
    await Promise.all([admin.quit(), reader.quit()]);
  });
});

describe("bad input", () => {
  test.each([
    ["an unknown command", "FLUSHALL now\r\n", "-ERR unknown command 'FLUSHALL', with args beginning with: 'now'"],
    ["a wrong arity", "GET\r\n", "-ERR wrong number of arguments for 'get' command"],
    ["an odd MSET", "MSET a 1 b\r\n", "-ERR wrong number of arguments for 'mset' command"],
    ["an option that SET does not have", "SET a 1 EX 10\r\n", "-ERR syntax error: SET takes NX or XX, and GET; keys do not expire here"],
    ["an empty key", `SET "" 1\r\n`, "-ERR a key has 1 to 1024 bytes, this one 0"],
    ["a key that is no text", 'GET "\\xff\\xfe"\r\n', "-ERR a key is text in UTF-8; these bytes are not"],
    ["text that is no number", "SET t x\r\nINCR t\r\n", "-ERR value is not an integer or out of range"],
    ["a subcommand that is not there", "CLIENT KILL\r\n", "-ERR unknown subcommand 'KILL'. CLIENT knows SETINFO, SETNAME, GETNAME and ID here"],
  ])("%s gets a clear error, and the connection goes on", async (_, sent, expected) => {
    const answer = await exchange(`AUTH admin\r\n${sent}PING\r\nQUIT\r\n`);
    expect(answer).toContain(`${expected}\r\n+PONG\r\n+OK\r\n`);
  });

  test("a bulk of 1 GB is refused at once, and the connection ends", async () => {
    const answer = await exchange("AUTH admin\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000000\r\n");
    expect(answer).toBe("+OK\r\n-ERR Protocol error: invalid bulk length\r\n");
  });

  test("a taken port is named", async () => {
    const { gateway } = await testNode();
    const second = new RespServer(gateway, () => "");
    const failure = await second.listen({ host: "127.0.0.1", port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ListenError);
    expect(String(failure)).toContain(`127.0.0.1:${port}: another process listens there`);
  });
});

test("replies larger than one result frame come all the same, in order", async () => {
  const client = new Redis({ port, password: "admin" });
  const value = Buffer.alloc(400_000, "v");
  await Promise.all(["a", "b", "c", "d"].map((key) => client.set(key, value)));
  const values = await Promise.all(["a", "b", "c", "d"].map((key) => client.getBuffer(key)));
  expect(values.map((bytes) => bytes?.length)).toEqual([400_000, 400_000, 400_000, 400_000]);
  await expect(client.mget("a", "b", "c", "d")).rejects.toThrow("ask for fewer keys");
  await client.quit();
});

test("draining answers what was read, then closes", async () => {
  const client = new Redis({ port, password: "admin", retryStrategy: () => null });
  client.on("error", () => undefined);
  await client.ping();
  const writes = Array.from({ length: 50 }, (_, index) => client.set(`k${index}`, "v"));
  await client.ping();
  await server.drain();
  expect(await Promise.all(writes)).toEqual(Array.from({ length: 50 }, () => "OK"));
});

test("a node that stops answers further commands by SHUTDOWN before it closes", async () => {
  const { gateway } = await testNode();
  const stopping = new RespServer(gateway, () => "");
  const address = await stopping.listen({ host: "127.0.0.1", port: 0 });
  const client = new Redis({ port: address.port, password: "admin", retryStrategy: () => null });
  const ended = new Promise((resolve) => client.once("end", resolve));
  await client.set("k", "1");
  const drained = stopping.drain();
  await expect(client.set("k", "2")).rejects.toThrow(/^SHUTDOWN this node is stopping, nothing was executed/);
  await drained;
  await ended;
});

import { type Socket, connect } from "node:net";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RespServer } from "../../src/resp/server.ts";
import { VALUE_BYTES_MAX } from "../../src/store/command.ts";
import { testNode } from "../support/node.ts";

let server: RespServer;
let port: number;

beforeEach(async () => {
  const { gateway } = await testNode();
  server = new RespServer(gateway, (sections) => `sections:${sections.join(",")}`);
  ({ port } = await server.listen({ host: "127.0.0.1", port: 0 }));
});

afterEach(() => server.close());

/** Sends bytes, ends the sending side, and resolves with all that comes back. */
function ask(sent: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket: Socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.on("data", (bytes) => (answer += bytes.toString("latin1"))).on("error", reject);
    socket.on("end", () => {
      socket.destroy();
      resolve(answer);
    });
    socket.end(sent);
  });
}

const asAdmin = async (sent: string): Promise<string> => (await ask(Buffer.from(`AUTH admin\r\n${sent}`))).slice("+OK\r\n".length);

describe("a client that ends its side behind its commands", () => {
  test("gets every reply", async () => {
    expect(await ask("AUTH admin\r\nSET a 1\r\nGET a\r\n")).toBe("+OK\r\n+OK\r\n$1\r\n1\r\n");
  });

  test("gets them also when it sent more than the node takes at a time", async () => {
    const answer = await asAdmin("INCR n\r\n".repeat(3_000));
    expect(answer.endsWith(":2999\r\n:3000\r\n")).toBe(true);
  });
});

test("a pipeline that the node answers by itself is answered to its end", async () => {
  expect(await asAdmin("PING\r\n".repeat(3_000))).toBe("+PONG\r\n".repeat(3_000));
});

test("an inline word keeps its bytes", async () => {
  expect(await asAdmin("SET à voilà\r\nGET à\r\n")).toBe(`+OK\r\n$6\r\n${Buffer.from("voilà").toString("latin1")}\r\n`);
});

test("a reply has the dialect of its command", async () => {
  expect(await asAdmin("GET none\r\nHELLO 3\r\nGET none\r\nHELLO 2\r\nGET none\r\n")).toMatch(
    /^\$-1\r\n%7\r\n[^]*\*0\r\n_\r\n\*14\r\n[^]*\*0\r\n\$-1\r\n$/,
  );
});

describe("a transaction", () => {
  test.each([
    ["EXEC", "-EXECABORT Transaction discarded because MULTI is not supported; nothing was done"],
    ["DISCARD", "+OK"],
  ])("is refused up to %s, and nothing of it takes effect", async (end, expected) => {
    const lines = (await asAdmin(`SET k 0\r\nMULTI\r\nSET k 1\r\nNONSENSE\r\nHELLO 3\r\nAUTH admin\r\n${end}\r\nGET k\r\n`)).split("\r\n");
    expect(lines[1]).toMatch(/^-ERR MULTI is not supported/);
    expect(lines.slice(2, 6).every((line) => line.startsWith("-ERR nothing was done"))).toBe(true);
    expect(lines.slice(6)).toEqual([expected, "$1", "0", ""]);
  });

  test("that was not begun cannot be ended, and nothing is watched", async () => {
    expect(await asAdmin("EXEC\r\nDISCARD\r\nWATCH k\r\nSET k 1\r\n")).toMatch(
      /^-ERR EXEC without MULTI\r\n-ERR DISCARD without MULTI\r\n-ERR WATCH is not supported[^\r]*\r\n\+OK\r\n$/,
    );
  });

  test("of ioredis fails as a whole", async () => {
    const client = new Redis({ port, password: "admin" });
    await expect(client.multi().incr("n").incr("n").exec()).rejects.toThrow("EXECABORT");
    expect(await client.get("n")).toBeNull();
    await client.quit();
  });
});

describe("commands about the connection", () => {
  test.each([
    ["ECHO hello\r\n", "$5\r\nhello\r\n"],
    ["SELECT 0\r\n", "+OK\r\n"],
    ["SELECT 1\r\n", "-ERR DB index is out of range\r\n"],
    ["SELECT x\r\n", "-ERR value is not an integer or out of range\r\n"],
    ["INFO\r\n", "$9\r\nsections:\r\n"],
    ["INFO server Void\r\n", "$20\r\nsections:server,Void\r\n"],
    ["CLIENT GETNAME\r\nCLIENT SETNAME me\r\nCLIENT GETNAME\r\nCLIENT SETNAME \"\"\r\nCLIENT GETNAME\r\n", "$-1\r\n+OK\r\n$2\r\nme\r\n+OK\r\n$-1\r\n"],
    ['CLIENT SETNAME "a b"\r\nCLIENT GETNAME\r\n', "-ERR Client names cannot contain spaces, newlines or special characters.\r\n$-1\r\n"],
    [`CLIENT SETNAME ${"n".repeat(257)}\r\n`, "-ERR a client's name has at most 256 bytes, this one 257\r\n"],
    ["CLIENT SETNAME\r\n", "-ERR wrong number of arguments for 'client|setname' command\r\n"],
    ["CLIENT ID x\r\n", "-ERR wrong number of arguments for 'client|id' command\r\n"],
    ["CLIENT SETINFO WHAT 1\r\n", "-ERR Unrecognized option 'WHAT'\r\n"],
    ["CLIENT SETINFO lib-name x\r\n", "+OK\r\n"],
  ])("%s", async (sent, expected) => {
    expect(await asAdmin(sent)).toBe(expected);
  });

  test("a name that comes with HELLO is kept", async () => {
    expect(await asAdmin("HELLO 2 SETNAME me\r\nCLIENT GETNAME\r\n")).toMatch(/\$2\r\nme\r\n$/);
  });

  test.each(["ECHO a", "SELECT 0", "MULTI", "CLIENT ID"])("%s is for those who have shown a capability", async (sent) => {
    expect(await ask(`${sent}\r\n`)).toMatch(/^-NOAUTH/);
  });
});

test("a value that is too large is refused, and the connection goes on", async () => {
  const words = ["SET", "k", "x".repeat(VALUE_BYTES_MAX + 1)];
  const large = `*3\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;
  expect(await asAdmin(`SET k 1\r\n${large}GET k\r\n`)).toBe(
    `+OK\r\n-ERR a word has at most ${VALUE_BYTES_MAX} bytes, this one ${VALUE_BYTES_MAX + 1}; nothing was done\r\n$1\r\n1\r\n`,
  );
});

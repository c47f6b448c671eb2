import { createServer } from "node:net";
import { connect } from "node:tls";
import { fromHex, toHex } from "@void-system/bytes";
import * as fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { CLIENT_HELLO_BYTES_MAX, protocolsIn } from "../src/tls/peers/client-hello.ts";
import { Identity } from "../src/tls/peers/identity.ts";
import { knockIn, knockingProtocols } from "../src/tls/peers/knock.ts";
import { node } from "./nodes.ts";

/** A ClientHello of this OpenSSL that knocks. */
let hello: Uint8Array;
/** Id of the key that knocks. */
let keyId: string;

beforeAll(async () => {
  const [a, b] = await Promise.all([node("a"), node("b")]);
  const identity = new Identity(b.key, b.certificate);
  const ALPNProtocols = knockingProtocols(identity.pin, new Identity(a.key, a.certificate).pin, identity.sign);
  ({ keyId } = (await import("@void-system/crypto")).ed25519.signer(b.key));
  const first = new Promise<Uint8Array>((resolve) => {
    const server = createServer((socket) => socket.once("data", (bytes) => (resolve(bytes), socket.destroy(), server.close())));
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address === "object") connect({ host: "127.0.0.1", port: address.port, ALPNProtocols }).on("error", () => undefined);
    });
  });
  hello = new Uint8Array(await first);
});

test("the protocols of a ClientHello are read, and the knock among them", () => {
  const protocols = protocolsIn(hello);
  if (typeof protocols === "string") throw new Error(protocols);
  expect(protocols).toHaveLength(2);
  expect(new TextDecoder().decode(protocols[0])).toBe("void-link/4");
  expect(knockIn(protocols)?.keyId).toBe(keyId);
  expect(knockIn(protocols)?.signature.length).toBe(64);
  expect(knockIn([])).toBeUndefined();
});

test("a ClientHello that is cut anywhere needs more; bytes after it change nothing", () => {
  for (let end = 0; end < hello.length; end += 1) expect(protocolsIn(hello.subarray(0, end))).toBe("more");
  expect(protocolsIn(Uint8Array.from([...hello, 1, 2, 3]))).toEqual(protocolsIn(hello));
});

test("other bytes, and a ClientHello that is too long, are refused at once; damaged ones never throw", () => {
  expect(protocolsIn(new TextEncoder().encode("GET / HTTP/1.1"))).toBe("other");
  expect(protocolsIn(fromHex("1603012001"))).toBe("other");
  expect(5 + 0x20_01).toBeGreaterThan(CLIENT_HELLO_BYTES_MAX);
  fc.assert(
    fc.property(fc.nat(hello.length - 1), fc.nat(255), (at, byte) => {
      const damaged = hello.with(at, byte);
      const protocols = protocolsIn(damaged);
      if (typeof protocols !== "string") knockIn(protocols);
    }),
    { numRuns: 2_000 },
  );
});

// Frozen: docs/format.md.
test("the format of a knock is frozen", () => {
  const pin = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"; // RFC 8032 §7.1, test 1
  const listener = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
  const signed: string[] = [];
  const bytes = knockingProtocols(pin, listener, (message) => (signed.push(toHex(message)), new Uint8Array(64).fill(7)));
  const text = (value: string): string => toHex(new TextEncoder().encode(value));
  expect(signed).toEqual([text("void-link/knock\n") + listener]);
  expect(toHex(bytes)).toBe(`0b${text("void-link/4")}5d${text("void-knock/1 ")}21fe31dfa154a261626bf854046fd227${"07".repeat(64)}`);
});

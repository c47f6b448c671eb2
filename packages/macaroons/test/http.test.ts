import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CapabilityManager, Discharger, MacaroonFactory, OptionError, PublicToken, PublicVerifier, VerificationBudget, createStandardVerifier, openSealedKey } from "../src/index.ts";
import { AUTHORIZATION_CHARACTERS_MAX, type GuardRequest, type RequestParts, challengeOf, createGuard, readAuthorization, writeAuthorization } from "../src/http/index.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
const contextOf = ({ path, method, address }: RequestParts) => ({ timeMs: 1000, resource: path, operation: method === "GET" ? "read" : "write", method, address });
const manager = new CapabilityManager(factory, createStandardVerifier(), { openSealedKey });
const guard = createGuard(manager, { realm: "files", contextOf });

async function status(request: GuardRequest): Promise<string> {
  const answer = await guard(request);
  return answer.ok ? "ok" : `${answer.status} ${answer.reason}`;
}

function asking(path: string, authorization?: string, method = "GET"): GuardRequest {
  return new Request(`http://files${path}`, { method, headers: authorization === undefined ? {} : { authorization } });
}

describe("headers", () => {
  test("are read as they were written; anything else is no token", () => {
    const text = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/u);
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 64 }), (token, discharges) => {
        expect(readAuthorization(writeAuthorization(token, discharges))).toEqual({ token, discharges });
      }),
    );
    expect(readAuthorization("macaroon   a ,b")).toEqual({ token: "a", discharges: ["b"] });
    for (const bad of [undefined, null, "", "Macaroon", "Macaroon ", "Bearer a", "Macaroon a,", "Macaroon a b", "Macaroon a=", `Macaroon a${",b".repeat(65)}`, `Macaroon ${"a".repeat(AUTHORIZATION_CHARACTERS_MAX)}`]) {
      expect(readAuthorization(bad)).toBeUndefined();
    }
    expect(() => writeAuthorization("a b")).toThrow(OptionError);
  });

  test("a challenge is quoted, and no text ends it", () => {
    expect(challengeOf({ realm: 'a "b" \\' })).toBe('Macaroon realm="a \\"b\\" \\\\"');
    for (const realm of ["a\r\nSet-Cookie: x", "ü"]) expect(() => challengeOf({ realm })).toThrow(OptionError);
    expect(() => createGuard(manager, { realm: "\n", contextOf })).toThrow(OptionError);
  });
});

describe("a guard", () => {
  const token = writeAuthorization(factory.mint(["resource under /a", "operation in read"]));

  test("permits, and turns away with the status that says why", async () => {
    expect(await status(asking("/a/b", token))).toBe("ok");
    expect(await status(asking("/a/b", token, "PUT"))).toBe("403 wrong-operation");
    expect(await status(asking("/b", token))).toBe("403 wrong-resource");
    expect(await status(asking("/a"))).toBe("401 no-token");
    expect(await status(asking("/a", "Macaroon xxxx"))).toBe("401 malformed");
    expect(await status(asking("/a", writeAuthorization(factory.mint(["time < 5"]))))).toBe("401 expired");
    expect(await status(asking("/a", writeAuthorization(factory.mint(["user = ada"]))))).toBe("403 incomplete-context");
    const turned = await guard(asking("/b", token));
    expect(turned.ok ? {} : turned.headers).toEqual({ "www-authenticate": 'Macaroon realm="files", error="wrong-resource"' });
    const nobody = await guard(asking("/b"));
    expect(nobody.ok ? {} : nobody.headers).toEqual({ "www-authenticate": 'Macaroon realm="files"' });
  });

  test("judges the path that a server would use; one that can be read in two ways is refused", async () => {
    expect(await status(asking("/a/../b", token))).toBe("403 wrong-resource");
    expect(await status(asking("/a/%2e%2e/b", token))).toBe("403 wrong-resource");
    expect(await status(asking("/%61/c?x=/b#y", token))).toBe("ok");
    const node = (url: string): GuardRequest => ({ method: "GET", url, headers: { authorization: token } });
    for (const url of ["/a%2f..%2fb", "/a%5cb", "/a/%00", "/a%252fb", "/a/%25252e%252e/b", "/a/%ff", "http://", "*"]) expect(await status(node(url))).toBe("400 ambiguous-path");
    expect(await status(node("//a/b"))).toBe("403 wrong-resource");
    expect(await status(node("/a/../b"))).toBe("403 wrong-resource");
    expect(await status(node("http://other/a/b"))).toBe("ok");
    expect(await guard(node("/a/x/..//%62?/a/z"))).toMatchObject({ ok: true, path: "/a//b" });
  });

  test("gives the request to whoever makes the context and the budgets", async () => {
    const seen: GuardRequest[] = [];
    const { signal } = new AbortController();
    const request = new Request("http://files/a", { headers: { authorization: token }, signal });
    const asked = createGuard(manager, {
      realm: "files",
      contextOf: (parts, given) => (seen.push(given), contextOf(parts)),
      presentedOf: (_, given) => (seen.push(given), {}),
    });
    expect((await asked(request)).ok).toBe(true);
    expect(seen).toEqual([request, request]);
  });

  test("uses up a token with once, one time of many at once", async () => {
    const once = writeAuthorization(factory.mint(["time < 2000", "once"]));
    const answers = await Promise.all(Array.from({ length: 20 }, () => status(asking("/a", once))));
    expect(answers.toSorted()).toEqual([...Array.from({ length: 19 }, () => "401 already-used"), "ok"]);
  });

  test("takes discharges, where the verifier does; a caller cannot make it throw", async () => {
    const third = new Discharger(new Uint8Array(32).fill(9));
    const needing = third.addCaveat(factory.mint(), "x");
    const answer = third.discharge(needing.thirdPartyCaveats[0]!.id, () => []);
    const header = writeAuthorization(needing, answer.ok ? [answer.discharge.bindTo(needing)] : []);
    expect(await status(asking("/a", header))).toBe("ok");
    expect(await status(asking("/a", writeAuthorization(needing)))).toBe("401 missing-discharge");
    const plain = createGuard(new CapabilityManager(factory, createStandardVerifier()), { realm: "files", contextOf });
    expect(await plain(asking("/a", header))).toMatchObject({ status: 401, reason: "unused-discharge" });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary-ascii" }), fc.string({ unit: "binary-ascii" }), fc.boolean(), async (url, authorization, isMacaroon) => {
        const answered = await plain({ method: "GET", url, headers: { authorization: isMacaroon ? `Macaroon ${authorization}` : authorization } });
        expect(answered.ok).toBe(false);
      }),
    );
  });

  test("takes public tokens, with budgets", async () => {
    const issuer = ed25519.signer(generateKey("ed25519"));
    const budget = new VerificationBudget({ perSecond: 1, most: 3 });
    const open = createGuard(new PublicVerifier(loadPublicKey(issuer.publicKey), createStandardVerifier()), { realm: "files", contextOf, presentedOf: () => ({ budgets: [budget] }) });
    const shown = asking("/a", writeAuthorization(PublicToken.mint(issuer).seal()));
    expect((await open(shown)).ok).toBe(true);
    expect(await open(shown)).toMatchObject({ status: 401, reason: "over-budget" });
  });

  test("waits for budgets that come as a promise, and refuses callbacks that are none", async () => {
    const issuer = ed25519.signer(generateKey("ed25519"));
    const budget = new VerificationBudget({ perSecond: 1, most: 1 });
    const verifier = new PublicVerifier(loadPublicKey(issuer.publicKey), createStandardVerifier());
    const open = createGuard(verifier, { realm: "files", contextOf, presentedOf: async () => ({ budgets: [budget] }) });
    const shown = asking("/a", writeAuthorization(PublicToken.mint(issuer).seal()));
    expect(await open(shown)).toMatchObject({ status: 401, reason: "over-budget" });
    for (const wrong of [{ contextOf: undefined }, { presentedOf: {} }]) {
      expect(() => createGuard(verifier, { realm: "files", contextOf, ...(wrong as object) })).toThrow(OptionError);
    }
  });

  test("takes requests of Node, with the caller's address", async () => {
    const server = createServer(async (request, response) => {
      const answer = await guard(request);
      if (answer.ok) response.end();
      else response.writeHead(answer.status, answer.headers).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
    const get = async (caveat: string): Promise<number> => (await fetch(url, { headers: { authorization: writeAuthorization(factory.mint([caveat])) } })).status;
    expect([await get("address in 127.0.0.0/8"), await get("address in 10.0.0.0/8")]).toEqual([200, 403]);
    server.closeAllConnections();
    server.close();
  });
});

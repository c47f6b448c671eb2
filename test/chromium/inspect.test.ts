/** The page of the macaroons package, opened from a file as its users do. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, expect, test } from "vitest";
import { pagesOf } from "../../scripts/pages.mjs";
import { ed25519, generateKey, loadPublicKey } from "../../packages/crypto/src/index.ts";
import { Macaroon, MacaroonFactory, PublicToken, PublicVerifier, addThirdPartyCaveat, createStandardVerifier, formatToken } from "../../packages/macaroons/src/index.ts";
import { type OpenPage, usePages } from "./chromium.ts";

const open = usePages();
const scratch = mkdtempSync(join(tmpdir(), "void-inspect-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));

/** Opens the page, and keeps every request that it makes behind its own. */
async function openInspect(): Promise<OpenPage & { readonly url: string; readonly requests: readonly string[] }> {
  const file = join(scratch, "inspect.html");
  writeFileSync(file, (await pagesOf(join(import.meta.dirname, "..", "..", "packages", "macaroons")))[0]![1]);
  const url = pathToFileURL(file).href;
  const opened = await open(url);
  const requests: string[] = [];
  opened.page.on("request", (request) => requests.push(request.url()));
  return { ...opened, url, requests };
}

async function paste(page: Page, token: string, discharges = ""): Promise<void> {
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.getByLabel("Discharges, one a line").fill(discharges);
  await page.getByRole("button", { name: "Inspect" }).click();
}

test("a macaroon in every form is shown as a tree, narrowed by keyboard, and copied; the token is in no address and no storage", async () => {
  const { page, problems, url, requests } = await openInspect();
  const token = addThirdPartyCaveat(factory.mint(["resource under /a"]), { caveatKey: Uint8Array.of(1), id: Uint8Array.of(1), location: "auth" });
  const discharge = Macaroon.mint(Uint8Array.of(1), Uint8Array.of(1)).addCaveat("user = ada").bindTo(token);
  for (const format of ["v1", "v2", "v2-json"] as const) {
    await paste(page, formatToken(token, format), formatToken(discharge, format));
    await page.getByText(token.name).waitFor();
    const nested = page.getByRole("listitem").getByRole("listitem").getByText("user = ada");
    expect(await nested.count()).toBe(1);
    expect(await page.getByRole("status").textContent()).toBe("Inspected.");
  }
  await page.getByLabel("Caveats to add").fill("operation in read\n\ntime < 2000\n");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Narrowed.").waitFor();
  const narrower = token.addCaveat("operation in read").addCaveat("time < 2000");
  expect(await page.getByLabel("version 2", { exact: true }).inputValue()).toBe(narrower.encode());
  expect(await page.getByLabel("version 1", { exact: true }).inputValue()).toBe(formatToken(narrower, "v1"));
  await page.getByRole("button", { name: "Copy version 2 JSON" }).click();
  await page.getByText(/^(?:Copied|Selected):/).waitFor();

  expect(page.url()).toBe(url);
  expect(await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")).toEqual([0, 0, ""]);
  expect({ problems, requests }).toEqual({ problems: [], requests: [] });
});

test("a public token is checked under the key that it names, and narrowed with its secret", async () => {
  const { page, problems } = await openInspect();
  const issuer = ed25519.signer(generateKey("ed25519"));
  await paste(page, Buffer.from(PublicToken.mint(issuer).handOver()).toString("base64url"));
  await page.getByText("It holds its secret").waitFor();
  await page.getByLabel("Caveats to add").fill("operation in read");
  await page.getByRole("button", { name: "Narrow" }).click();
  await page.getByText("Narrowed.").waitFor();
  const sealed = await page.getByLabel("sealed, to show", { exact: true }).inputValue();
  const verifier = new PublicVerifier(loadPublicKey(issuer.publicKey), createStandardVerifier());
  expect(verifier.verify(sealed, { timeMs: 1000, resource: "/a", operation: "write" })).toEqual({ ok: false, reason: "wrong-operation" });
  await paste(page, sealed);
  await page.getByText("The signatures hold under the key that it names.").waitFor();
  expect(await page.getByLabel("Caveats to add").isVisible()).toBe(false);
  expect(problems).toEqual([]);
});

test("what is wrong is announced, beside the field that has it", async () => {
  const { page, problems } = await openInspect();
  await paste(page, "moon");
  expect(await page.getByRole("alert").textContent()).toContain("This is no token");
  expect(await page.evaluate("document.activeElement.id")).toBe("token");
  await paste(page, factory.mint().encode(), "moon");
  expect(await page.getByRole("alert").textContent()).toContain("Discharge 1 is no token");
  await paste(page, factory.mint().encode());
  expect(await page.getByRole("alert").textContent()).toBe("");
  await page.getByLabel("Caveats to add").fill("x".repeat(5000));
  await page.getByRole("button", { name: "Narrow" }).click();
  expect(await page.getByRole("alert").textContent()).toContain("Not narrowed");
  expect(problems).toEqual([]);
});

test("texts of a token are shown, never run, and steer nothing", async () => {
  const { page, problems } = await openInspect();
  await paste(page, factory.mint().addCaveat("<img src=x onerror=alert(1)> \u202e").encode());
  await page.getByText("<img src=x onerror=alert(1)> \\u{202e}").waitFor();
  expect(await page.locator("img").count()).toBe(0);
  expect(problems).toEqual([]);
});

test("the policy lets the page reach nothing", async () => {
  const { page, problems } = await openInspect();
  const reached = await page.evaluate(`Promise.all([
    fetch("http://127.0.0.1:9/").then(() => "reached", () => "refused"),
    new Promise((resolve) => { const image = new Image(); image.onload = () => resolve("reached"); image.onerror = () => resolve("refused"); image.src = "data:image/gif;base64,R0lGODlhAQABAAAAACw="; }),
  ])`);
  expect(reached).toEqual(["refused", "refused"]);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.every((problem) => /Content Security Policy|ERR_BLOCKED_BY_CSP|csp|net::ERR_FAILED/iu.test(problem))).toBe(true);
});

test.each(["light", "dark"] as const)("readable on a phone, %s", async (colorScheme) => {
  const { page, problems } = await openInspect();
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width: 320, height: 640 });
  await paste(page, factory.mint(["resource under /".padEnd(400, "a")]).encode());
  await page.getByText("Inspected.").waitFor();
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(320);
  const [text, background] = (await page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.documentElement).colorScheme]")) as [string, string];
  expect([text === "rgb(0, 0, 0)", background]).toEqual([colorScheme === "light", "light dark"]);
  expect(problems).toEqual([]);
});

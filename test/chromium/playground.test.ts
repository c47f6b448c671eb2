/** The playground of ising-scheduler: one file, opened from the disk. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pagesOf } from "../../scripts/pages.mjs";
import { usePages } from "./chromium.ts";

const folder = mkdtempSync(join(tmpdir(), "void-playground-"));
const file = join(folder, "playground.html");
const open = usePages();

beforeAll(async () => writeFileSync(file, (await pagesOf(join(import.meta.dirname, "..", "..", "packages", "ising-scheduler")))[0]![1]));
afterAll(() => rmSync(folder, { recursive: true }));

const openPage = () => open(pathToFileURL(file).href);
const status = (page: Page) => page.getByRole("status");

test("anneals, takes a node away with a reason for each move, and undoes that, without a request or an error", async () => {
  const { page, problems } = await openPage();
  await page.getByLabel("Moves in a frame").selectOption("200");
  await page.getByRole("button", { name: "Anneal" }).click();
  await status(page).getByText(/^Done: Everything fits/).waitFor();
  expect(await page.locator("#picture svg line").count()).toBe(6);
  expect(await page.locator("#picture polyline").count()).toBe(1);
  expect(await page.getByRole("button", { name: "Anneal" }).isDisabled()).toBe(true);

  const tasks = Number(await page.getByRole("row", { name: /^node2 / }).locator("td").nth(3).textContent());
  await page.getByRole("button", { name: "Take node2 away" }).click();
  await status(page).getByText("Took node2 away").waitFor();
  const moves = await page.locator("#migrations li").allTextContents();
  expect(moves.filter((text) => text.includes('"node2" is gone'))).toHaveLength(tasks);
  expect(moves.filter((text) => !/^task\d+: node\d to node\d, ("node2" is gone|makes room|saves|cannot stay)/.test(text))).toEqual([]);
  expect(await page.getByRole("button", { name: "Take node2 away" }).count()).toBe(0);
  expect(await page.getByLabel("Nodes: name and capacity").inputValue()).not.toContain("node2");

  // The focus is on Undo, so that the keyboard takes it back.
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Take node2 away" }).waitFor();
  expect(await page.locator("#migrations li").count()).toBe(0);
  expect(await page.evaluate(() => performance.getEntriesByType("resource").length)).toBe(0);
  expect(problems).toEqual([]);
});

test("takes an edited problem, and names the line of a mistake", async () => {
  const { page, problems } = await openPage();
  const [tasks, nodes] = [page.getByLabel("Tasks: name and demand"), page.getByLabel("Nodes: name and capacity")];
  await tasks.fill("web cpu=2\ncache cpu=two");
  await tasks.press("Control+Enter");
  await page.getByRole("alert").getByText('expected line 2 of the tasks to be').waitFor();
  await tasks.fill("web cpu=2\n<b>db</b> cpu=3");
  await nodes.fill("a cpu=3\nb cpu=2");
  await page.getByLabel("Links: two tasks and a weight").fill("web <b>db</b> 2");
  await page.getByRole("button", { name: "Use this problem" }).click();
  await page.getByRole("cell", { name: "3 of 3" }).waitFor();
  expect(await page.getByRole("alert").textContent()).toBe("");
  expect(await page.locator("#picture title").allTextContents()).toContain("<b>db</b>: 3 cpu on a");
  await nodes.fill("a cpu=3\nb cpu=1");
  await page.getByRole("button", { name: "Use this problem" }).click();
  await page.getByLabel("Moves in a frame").selectOption("5000");
  await page.getByRole("button", { name: "Anneal" }).click();
  await status(page).getByText(/^Done: It does not fit: /).waitFor();
  expect(problems).toEqual([]);
});

test("fits a phone, and has a name for each field", async () => {
  const { page } = await openPage();
  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  expect(await page.evaluate('[...document.querySelectorAll("input, select, textarea")].filter(({ labels }) => labels.length !== 1).length')).toBe(0);
});

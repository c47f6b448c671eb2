/** The page of a diagnosis, in a browser: what it shows, by keyboard, without a script, and that no name gets out of its place. */
import { expect, test } from "vitest";
import { CallGraph, diagnose, MetricTable } from "../../packages/causal/src/index.ts";
import { toHtml } from "../../packages/causal/src/pictures/index.ts";
import { usePages } from "./chromium.ts";

const ORIGIN = "http://localhost";
const EVIL = `db</script><script>document.title="broken"</script><img src=//example.com/x onerror="document.title='broken'">"'&amp;\u202E`;
const open = usePages();

function page(culprit: string): string {
  const table = (from: number, rows: number, slowMs: number): MetricTable => {
    const wave = (at: number, slow: number): number[] => Array.from({ length: rows }, (_, row) => at + Math.sin((from + row) * 2.4) + (row > 4 ? slow : 0));
    const timesMs = Array.from({ length: rows }, (_, row) => (from + row) * 60_000);
    return new MetricTable(timesMs).set("site", "latency", wave(20, slowMs)).set(culprit, "latency", wave(9, slowMs)).set("pay", "latency", wave(5, 0));
  };
  const tables = { normal: table(0, 150, 0), incident: table(150, 10, 40) };
  const graph = new CallGraph([{ caller: "site", callee: "pay" }, { caller: "site", callee: culprit }]);
  return toHtml(diagnose({ ...tables, graph, target: { node: "site", metric: "latency", worse: "higher" } }), tables);
}

test("shows the verdict, its suspects and their series, and reads rows by keyboard", async () => {
  const { page: tab, problems } = await open(`${ORIGIN}/`, { "/": page("search") });
  await tab.getByRole("heading", { level: 1, name: '"search" is behind "latency" of "site"' }).waitFor();
  const panel = tab.locator("details[open]").first();
  expect(await panel.locator("summary").first().textContent()).toContain("search");
  expect(await panel.getByText("Way: search → site").isVisible()).toBe(true);
  expect(await panel.locator("svg.ways .box.on").count()).toBe(2);
  const slider = panel.getByRole("slider", { name: "Row of the incident" });
  await slider.focus();
  await tab.keyboard.press("Home");
  expect(await panel.getByRole("status").textContent()).toMatch(/^time: 1970-01-01T02:30:00.000Z · latency of site: 20\.\d* · without search: /);
  await tab.keyboard.press("ArrowRight");
  expect(await slider.getAttribute("aria-valuetext")).toContain("02:31");
  // Another suspect, by keyboard alone: the first one closes.
  await tab.locator("summary", { hasText: "pay" }).focus();
  await tab.keyboard.press("Enter");
  expect(await tab.locator("details[name=suspect][open] > summary").allTextContents()).toEqual([expect.stringContaining("pay")]);
  expect(problems).toEqual([]);
});

test("asks the network for nothing, and a name stays text", async () => {
  const { page: tab, problems } = await open("about:blank");
  const asked: string[] = [];
  tab.on("request", (request) => asked.push(request.url()));
  await tab.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: page(EVIL) }));
  await tab.goto(`${ORIGIN}/`);
  await tab.getByRole("slider").first().waitFor();
  expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([`${ORIGIN}/`]);
  expect(await tab.title()).toContain("is behind");
  expect(await tab.locator("img").count()).toBe(0);
  expect(await tab.locator("script").count()).toBe(1);
  expect(await tab.locator("summary bdi").first().textContent()).toBe(EVIL);
  expect(problems).toEqual([]);
});

test("the policy stops a script and a style that are not the page's own", async () => {
  const html = page("search").replace("</main>", "<script>document.title = 'broken'</script><style>h1 { display: none }</style></main>");
  const { page: tab, problems } = await open(`${ORIGIN}/`, { "/": html });
  expect(await tab.title()).toContain("is behind");
  expect(await tab.getByRole("heading", { level: 1 }).isVisible()).toBe(true);
  expect(problems.filter((problem) => problem.includes("Content Security Policy"))).toHaveLength(2);
});

test("works without scripts, on a phone and in the dark", async () => {
  const { page: first } = await open("about:blank");
  const context = await first.context().browser()!.newContext({ javaScriptEnabled: false, colorScheme: "dark", viewport: { width: 360, height: 700 } });
  const tab = await context.newPage();
  await tab.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: page("a-service-with-quite-a-long-name-".repeat(4)) }));
  await tab.goto(`${ORIGIN}/`);
  expect(await tab.locator("details[open] table").first().isVisible()).toBe(false);
  await tab.locator("summary", { hasText: "Values by row" }).first().click();
  expect(await tab.locator("details[open] table tbody tr").first().isVisible()).toBe(true);
  expect(await tab.getByRole("slider").count()).toBe(0);
  const { width } = (await tab.locator("main").boundingBox())!;
  expect(width).toBeLessThanOrEqual(360);
  expect(await tab.evaluate("getComputedStyle(document.querySelector('h1')).color")).toBe("rgb(230, 232, 234)");
  await context.close();
});

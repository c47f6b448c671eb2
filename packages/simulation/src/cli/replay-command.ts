import { writeFileSync } from "node:fs";
import { chartSvg } from "../chart/chart-svg.ts";
import { chartText } from "../chart/chart-text.ts";
import { charting } from "../explore/explore.ts";
import { inTurns } from "../explore/in-turns.ts";
import type { SavedRun } from "../explore/saved-run.ts";
import type { Scenario, SimulationResult } from "../scenario/scenario.ts";
import { inspecting } from "../scenario/time-travel.ts";
import { type Answer, EXIT, savedScenario, wrong } from "./saved-scenario.ts";

/** Options of `replay`. */
export interface ReplayRequest {
  /** File to write the SVG to. */
  readonly svg?: string;
  /** Number of the event to stop after. */
  readonly to?: number;
  /** Shows links that come up and go down. @defaultValue true */
  readonly links?: boolean;
}

/** Replays a saved run. It executes the module that the file names. */
export async function replayCommand(file: string, request: ReplayRequest): Promise<Answer> {
  try {
    const { saved, scenario } = await savedScenario(file);
    const { links = true } = request;
    const title = `${saved.scenario} of ${saved.module}`;
    const { result, chart } = await inTurns(charting(scenario, saved.plan, { title, links }));
    if (request.to !== undefined) return { exitCode: EXIT.passes, out: await upTo(scenario, saved, request.to, links), err: "" };
    if (request.svg !== undefined) writeFileSync(request.svg, chartSvg(chart));
    const out = `${chartText(chart)}\n\n${verdict(saved, result)}\n`;
    return { exitCode: result.ok ? EXIT.passes : EXIT.fails, out, err: "" };
  } catch (error) {
    return wrong(file, error);
  }
}

function verdict({ failure, traceHash }: SavedRun, result: SimulationResult): string {
  const changed = result.traceHash === traceHash ? "" : "; the program has changed since it was saved";
  if (result.ok) return `it passes now (saved: ${failure.kind} ${failure.name})${changed}`;
  const { kind, name } = result.failure;
  const other = kind === failure.kind && name === failure.name ? "" : ` (saved: ${failure.kind} ${failure.name})`;
  return `it fails: ${kind} ${name}${other}${changed}`;
}

/** Returns the chart up to an event, and the state of each node at that point. */
async function upTo(scenario: Scenario, { plan }: SavedRun, event: number, links: boolean): Promise<string> {
  const { chart } = await inTurns(charting(scenario, plan, { links }));
  const rows = chart.rows.filter((row) => row.event <= event && row.mark !== "failure" && row.mark !== "client");
  const run = await inTurns(inspecting(scenario, plan, event));
  const states = run.cluster.nodes.map((id) => {
    const { running, paused, wallMs, links, logs, pending, state } = run.inspect(id);
    const is = running ? (paused ? "paused" : "running") : "down";
    const kept = Object.entries(logs).map(
      ([name, log]) => `${name}: ${log.records.length} durable, ${log.pending} pending`
    );
    return [
      `${id} is ${is}; its clock shows ${new Date(wallMs).toISOString()}; links to ${links.join(", ") || "no node"}`,
      ...(kept.length > 0 ? [`  logs: ${kept.join("; ")}`] : []),
      ...(pending.length > 0
        ? [
            `  next: ${pending
              .slice(0, 5)
              .map((one) => `${one.kind} at ${one.atMs}`)
              .join(", ")}`,
          ]
        : []),
      ...(state === undefined ? [] : [`  state: ${JSON.stringify(state)}`]),
    ].join("\n");
  });
  return `${chartText({ ...chart, rows })}\n\nafter event ${run.events}, at ${run.now} ms:\n${states.join("\n")}\n`;
}

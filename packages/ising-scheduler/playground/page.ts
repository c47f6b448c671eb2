import { SchedulerError } from "../src/errors.ts";
import { whyInfeasible } from "../src/report/infeasible.ts";
import type { SchedulingResult } from "../src/result.ts";
import { toSvg } from "../src/svg.ts";
import { exampleText } from "./example.ts";
import { Session } from "./session.ts";
import type { ProblemText } from "./text.ts";

/** Digits of an energy. */
const DIGITS = 4;

const [run, step, restart, undo] = [button("run"), button("step"), button("restart"), button("undo")];
const [use, example] = [button("use"), button("example")];
const fields = { tasks: field("tasks"), nodes: field("nodes"), links: field("links") };
const [pace, seed] = [part("pace", HTMLSelectElement), part("seed", HTMLInputElement)];
let examples = 1;
let running = false;
const session = new Session(exampleText(examples), seedOf());

run.addEventListener("click", () => (running ? stop("Paused.") : start()));
step.addEventListener("click", () => {
  running = false;
  session.trial.advance(1);
  show();
});
restart.addEventListener("click", () => change(() => session.use(session.trial.text, seedOf()), "Began again with this seed."));
undo.addEventListener("click", takeBack);
use.addEventListener("click", useText);
example.addEventListener("click", () => change(() => session.use(exampleText(++examples), seedOf()), "Another example."));
document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  const typing = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
  if (event.key === "Enter" && typing) useText();
  // In a field the browser's own undo is meant.
  else if (event.key === "z" && !typing) takeBack();
  else return;
  event.preventDefault();
});
write(session.trial.text);
show();

function start(): void {
  running = true;
  say("Annealing.");
  requestAnimationFrame(frame);
}

function stop(text: string): void {
  running = false;
  say(text);
  show();
}

function frame(): void {
  if (!running) return;
  session.trial.advance(Number(pace.value));
  if (session.trial.done) return stop(`Done: ${summary(session.trial.result())}`);
  show();
  requestAnimationFrame(frame);
}

function useText(): void {
  change(() => session.use({ tasks: fields.tasks.value, nodes: fields.nodes.value, links: fields.links.value }, seedOf()), "Uses this problem.");
}

function takeBack(): void {
  if (session.canUndo) change(() => session.undo(), "Undone.");
}

function takeAway(node: string): void {
  change(() => session.takeAway(node, seedOf()), `Took ${node} away.`);
  const moved = session.trial.moved().length;
  if (part("mistake", HTMLElement).textContent === "") say(`Took ${node} away: ${moved} ${moved === 1 ? "task moves" : "tasks move"}.`);
  // Its button is gone, and the focus must not be lost with it.
  undo.focus();
}

/** Changes the session, or shows why that cannot be. */
function change(make: () => void, text: string): void {
  running = false;
  try {
    make();
  } catch (error) {
    if (!(error instanceof SchedulerError)) throw error;
    part("mistake", HTMLElement).textContent = error.message;
    return show();
  }
  part("mistake", HTMLElement).textContent = "";
  write(session.trial.text);
  say(text);
  show();
}

function show(): void {
  const { trial } = session;
  const result = trial.result();
  const { before, compiled } = trial;
  run.textContent = running ? "Pause" : "Anneal";
  run.disabled = step.disabled = trial.done;
  undo.disabled = !session.canUndo;
  const now = trial.trace.at(-1)?.energy ?? 0;
  part("progress", HTMLElement).textContent = `${result.moves.toLocaleString("en")} moves, energy ${short(now)}, best ${short(result.energy.total)}`;
  const svg = toSvg(compiled, running ? trial.walking() : result.placement, { trace: trial.trace, ...(before && { before }) });
  const picture = part("picture", HTMLElement);
  picture.replaceChildren(document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true));
  picture.setAttribute("aria-label", `Load of each node with a line at its capacity, and the energy over the moves. ${summary(result)}`);
  if (!running) showTables(result);
}

function showTables(result: SchedulingResult): void {
  const { trial } = session;
  const { total, ...terms } = result.energy;
  rows("terms", [...Object.entries(terms), ["total", total] as const].map(([name, energy]) => [name, short(energy)]));
  rows("starts", result.starts.map(({ name, energy, feasible }) => [name, short(energy), feasible ? "yes" : "no"]));
  const { resources, nodes } = trial.loads(result);
  part("node-head", HTMLElement).replaceChildren(row("th", ["node", ...resources, "tasks", ""]));
  part("node-rows", HTMLElement).replaceChildren(
    ...nodes.map(({ id, loads, tasks }) => {
      const line = row("td", [id, ...loads, String(tasks)]);
      const away = document.createElement("button");
      away.textContent = "Take away";
      away.setAttribute("aria-label", `Take ${id} away`);
      away.disabled = nodes.length === 1;
      away.addEventListener("click", () => takeAway(id));
      line.insertCell().append(away);
      return line;
    }),
  );
  const migrations = trial.moved().map(({ task, from, to, reason }) => {
    const item = document.createElement("li");
    item.textContent = `${task}: ${from} to ${to}, ${reason}`;
    return item;
  });
  part("migrations", HTMLElement).replaceChildren(...migrations);
}

function rows(id: string, cells: readonly (readonly string[])[]): void {
  part(id, HTMLElement).replaceChildren(...cells.map((line) => row("td", line)));
}

function row(kind: "td" | "th", texts: readonly string[]): HTMLTableRowElement {
  const line = document.createElement("tr");
  for (const text of texts) {
    const cell = document.createElement(kind);
    if (kind === "th") cell.setAttribute("scope", "col");
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

function summary(result: SchedulingResult): string {
  const why = whyInfeasible(session.trial.compiled, result);
  return why ? `It does not fit: ${why.reason}.` : `Everything fits, energy ${short(result.energy.total)}.`;
}

function say(text: string): void {
  part("status", HTMLElement).textContent = text;
}

function write({ tasks, nodes, links }: ProblemText): void {
  [fields.tasks.value, fields.nodes.value, fields.links.value] = [tasks, nodes, links];
}

function seedOf(): number {
  return Math.min(2 ** 32 - 1, Math.max(0, Math.trunc(Number(seed.value)) || 0));
}

function short(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}

function button(id: string): HTMLButtonElement {
  return part(id, HTMLButtonElement);
}

function field(id: string): HTMLTextAreaElement {
  return part(id, HTMLTextAreaElement);
}

/** The element of the page with this id. */
function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`expected the page to have a ${kind.name} named ${id}, got none`);
  return found;
}

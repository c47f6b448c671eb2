/**
 * The page: paste a token, see it, narrow it, copy it. Texts of tokens reach the document as text nodes alone. A token is never
 * put into the address or a storage of the browser.
 */
import { MacaroonError } from "../src/errors.ts";
import { printable } from "../src/explain/printable.ts";
import { type Copy, copiesOf, narrowed } from "./narrowed.ts";
import { type Token, readPasted } from "./pasted-token.ts";
import { type ShownCaveat, type TokenTree, treeOf } from "./token-tree.ts";

/** The token that is shown, with what was narrowed since it was pasted, and its discharges. */
let shown: { readonly token: Token; readonly discharges: readonly Token[] } | undefined;

const fields = {
  token: byId("token", HTMLTextAreaElement),
  discharges: byId("discharges", HTMLTextAreaElement),
  caveats: byId("caveats", HTMLTextAreaElement),
};
const error = byId("error", HTMLElement);
const status = byId("status", HTMLElement);

byId("paste", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  inspect();
});
byId("narrow", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  narrow();
});

function inspect(): void {
  shown = undefined;
  byId("found", HTMLElement).hidden = true;
  const token = readPasted(fields.token.value);
  if (token.kind === "none") return refuse(fields.token, `This is no token: ${token.reason}.`);
  const discharges: Token[] = [];
  for (const [at, line] of linesOf(fields.discharges).entries()) {
    const discharge = readPasted(line);
    if (discharge.kind === "none") return refuse(fields.discharges, `Discharge ${at + 1} is no token: ${discharge.reason}.`);
    discharges.push(discharge);
  }
  show({ token, discharges }, "Inspected.");
  byId("tree-title", HTMLElement).focus();
}

function narrow(): void {
  if (shown === undefined) return;
  try {
    show({ ...shown, token: narrowed(shown.token, linesOf(fields.caveats)) }, "Narrowed. Copy the narrower token below.");
    fields.caveats.value = "";
  } catch (failure) {
    if (!(failure instanceof MacaroonError)) throw failure;
    refuse(fields.caveats, `Not narrowed: ${failure.message}.`);
  }
}

function show(next: NonNullable<typeof shown>, done: string): void {
  shown = next;
  forgetErrors();
  const { tree, unused } = treeOf(next.token, next.discharges, Date.now());
  const strangers = unused.flatMap((one) => [element("p", "No caveat asks for this discharge:", "warn"), partOf(one)]);
  byId("tree", HTMLElement).replaceChildren(partOf(tree), ...strangers);
  byId("narrowing", HTMLElement).hidden = next.token.kind === "sealed";
  byId("copies", HTMLElement).replaceChildren(...copiesOf(next.token).map(copyOf));
  byId("found", HTMLElement).hidden = false;
  status.textContent = done;
}

function forgetErrors(): void {
  error.textContent = "";
  for (const one of Object.values(fields)) one.removeAttribute("aria-invalid");
}

function refuse(of: HTMLTextAreaElement, why: string): void {
  status.textContent = "";
  forgetErrors();
  error.textContent = why;
  of.setAttribute("aria-invalid", "true");
  of.setAttribute("aria-errormessage", error.id);
  of.focus();
}

function partOf({ title, fields: of, caveats, known, unknown }: TokenTree): HTMLElement {
  const part = element("div", undefined, "part");
  const list = element("dl");
  for (const [name, content] of of) list.append(element("dt", name), element("dd", printable(content)));
  part.append(element("h3", title), list);
  part.append(element("p", caveats.length === 0 ? "No caveats: it permits everything." : "Caveats:"), listOf("ol", caveats.map(caveatOf)));
  part.append(element("p", "Known without a key:"), listOf("ul", known.map((line) => element("li", line))));
  part.append(element("p", "Not known here:"), listOf("ul", unknown.map((line) => element("li", line))));
  return part;
}

function caveatOf({ text, note, discharge }: ShownCaveat): HTMLElement {
  const item = element("li");
  item.append(element("code", printable(text)));
  if (note !== undefined) item.append(element("p", note, "note"));
  if (discharge !== undefined) item.append(partOf(discharge));
  return item;
}

function copyOf({ label, text }: Copy, at: number): HTMLElement {
  const box = element("div");
  const area = element("textarea");
  Object.assign(area, { id: `copy-${at}`, value: text, readOnly: true, rows: 2, spellcheck: false });
  const name = element("label", label);
  name.htmlFor = area.id;
  const button = element("button", `Copy ${label}`);
  button.type = "button";
  button.addEventListener("click", () => void copy(area, label));
  box.append(name, area, button);
  return box;
}

async function copy(area: HTMLTextAreaElement, label: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(area.value);
    status.textContent = `Copied: ${label}.`;
  } catch {
    // No clipboard for this page: the text is selected for the keyboard.
    area.select();
    status.textContent = "Selected: copy it with the keyboard.";
  }
}

function linesOf({ value }: HTMLTextAreaElement): readonly string[] {
  return value.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}

function listOf(kind: "ol" | "ul", items: readonly HTMLElement[]): HTMLElement {
  const list = element(kind);
  list.append(...items);
  return list;
}

function element<K extends keyof HTMLElementTagNameMap>(kind: K, text?: string, className = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(kind);
  if (text !== undefined) made.textContent = text;
  made.className = className;
  return made;
}

function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`expected an element ${id}, got none; page.html and page.ts belong together`);
}

import type { CaveatOutcome, ExplainedCaveat, ExplainedPart, Explanation } from "./explain.ts";
import { printable } from "./printable.ts";

/**
 * Returns an explanation as text, for a terminal or a log: the verdict in the first line, then a line a caveat. Characters
 * that steer a terminal are escaped.
 */
export function explanationText(explanation: Explanation): string {
  const { ok, reason, missing, keyId, link, mintedAtMs, memo, authenticity, parts } = explanation;
  const verdict = ok ? "accepted" : `refused: ${reason}${missing === undefined ? "" : ` (the context lacks ${missing})`}`;
  const notes = [
    ...(keyId === undefined ? [] : [`key     ${printable(keyId)}`]),
    ...(link === undefined ? [] : [`link    ${link}`]),
    ...(mintedAtMs === undefined ? [] : [`minted  ${dateOf(mintedAtMs)}`]),
    ...(memo === undefined ? [] : [`memo    ${printable(memo)}`]),
    ...(authenticity === undefined ? [] : [`nothing below is proved: ${authenticity}`]),
  ];
  return [verdict, ...notes, ...parts.flatMap(linesOf)].join("\n");
}

/** Returns an explanation as a Mermaid flow chart: a box a macaroon or chain, a line a caveat, an arrow a discharge. */
export function explanationMermaid({ ok, reason, authenticity, parts }: Explanation): string {
  const boxes = parts.map((part, at) => `  p${at}["${[titleOf(part, at), ...(at === 0 && authenticity !== undefined ? [authenticity] : []), ...part.caveats.map(labelOf)].map(quoted).join("<br/>")}"]`);
  const arrows = parts.flatMap(({ caveats }, at) =>
    caveats.flatMap(({ thirdParty, outcome }) => {
      const discharge = thirdParty?.discharge;
      return discharge === undefined ? [] : [`  p${at} -->|"${quoted(outcome)}"| p${discharge + 1}`];
    }),
  );
  return ["flowchart TD", `  verdict(["${quoted(ok ? "accepted" : `refused: ${reason}`)}"])`, ...boxes, ...(parts.length > 0 ? ["  verdict --> p0"] : []), ...arrows].join("\n");
}

function linesOf(part: ExplainedPart, at: number): readonly string[] {
  return [titleOf(part, at), ...part.caveats.map((caveat) => `  ${labelOf(caveat)}`)];
}

function titleOf({ name, isUnused }: ExplainedPart, at: number): string {
  return at === 0 ? `token ${name}` : `discharge ${at} ${name}${isUnused ? ": unused" : ""}`;
}

function labelOf({ text, outcome, missing, impliedBy, thirdParty }: ExplainedCaveat): string {
  const what = thirdParty === undefined ? printable(text ?? "(not text)") : thirdPartyOf(thirdParty);
  const why = missing === undefined ? "" : ` (${printable(missing)})`;
  const implied = impliedBy === undefined ? "" : `; implied by caveat ${impliedBy + 1}`;
  return `${markOf(outcome)} ${what}: ${outcome}${why}${implied}`;
}

function thirdPartyOf({ id, location, discharge }: NonNullable<ExplainedCaveat["thirdParty"]>): string {
  const by = discharge === undefined ? "" : `, discharge ${discharge + 1}`;
  return `third party ${printable(location ?? "(no location)")} ${id}${by}`;
}

function markOf(outcome: CaveatOutcome): string {
  return outcome === "holds" || outcome === "left-to-the-edge" ? "+" : "-";
}

/** Entities of Mermaid, so that no text of a token can end a label or draw a box. */
function quoted(text: string): string {
  return text.replace(/[^A-Za-z0-9 .,:/=_+-]/gu, (character) => `#${character.codePointAt(0)};`);
}

function dateOf(ms: number): string {
  const date = new Date(ms);
  return Number.isFinite(date.getTime()) ? date.toISOString() : `${ms}`;
}

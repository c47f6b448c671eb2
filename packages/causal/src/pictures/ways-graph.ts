import { escaped, round, shortened } from "./markup.ts";

const [STEP_X, STEP_Y, BOX_WIDTH, BOX_HEIGHT] = [210, 44, 170, 30];
const CHARACTERS_MAX = 22;

/** The ways to the target as a graph, the target on the right, one way marked. */
export function drawWays(ways: readonly (readonly string[])[], marked: readonly string[]): string {
  const columnOf = new Map<string, number>();
  for (const way of [...ways, marked]) for (const [at, node] of way.entries()) columnOf.set(node, way.length - 1 - at);
  const deepest = Math.max(...columnOf.values());
  const heights: number[] = [];
  const placed = new Map<string, readonly [x: number, y: number]>();
  for (const [node, column] of columnOf) {
    const row = heights[column] ?? 0;
    heights[column] = row + 1;
    placed.set(node, [(deepest - column) * STEP_X + 2, row * STEP_Y + 2]);
  }
  const edges = new Map<string, readonly [from: string, to: string, isMarked: boolean]>();
  for (const way of [...ways, marked]) {
    for (const [at, to] of way.entries()) {
      const from = way[at - 1];
      if (from !== undefined) edges.set(JSON.stringify([from, to]), [from, to, way === marked || marked[marked.indexOf(from) + 1] === to]);
    }
  }
  const [width, height] = [deepest * STEP_X + BOX_WIDTH + 4, Math.max(...heights.map((rows) => rows || 0)) * STEP_Y];
  const line = ([from, to, isMarked]: readonly [string, string, boolean]): string => {
    const [[x1, y1], [x2, y2]] = [placed.get(from) ?? [0, 0], placed.get(to) ?? [0, 0]];
    const [startX, startY, endX, endY] = [x1 + BOX_WIDTH, y1 + BOX_HEIGHT / 2, x2, y2 + BOX_HEIGHT / 2];
    return `<path class="${isMarked ? "edge on" : "edge"}" d="M${startX} ${startY}L${round(endX)} ${endY}m-8 -4l8 4l-8 4"/>`;
  };
  const box = ([node, [x, y]]: readonly [string, readonly [number, number]]): string =>
    `<g class="${marked.includes(node) ? "box on" : "box"}"><title>${escaped(node)}</title><rect x="${x}" y="${y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="4"/><text x="${x + 8}" y="${y + 20}">${escaped(shortened(node, CHARACTERS_MAX))}</text></g>`;
  return `<div class="wide" tabindex="0" role="group" aria-label="Graph of the ways to the target"><svg class="ways" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(marked.join(" → "))}">${[...edges.values()].map(line).join("")}${[...placed].map(box).join("")}</svg></div>`;
}

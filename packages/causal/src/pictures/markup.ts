/** Text as it may stand between tags and in quoted attributes, of SVG and HTML. */
export function escaped(content: string): string {
  // XML has no way to write most control characters.
  return content.replaceAll(/[\p{Cc}\p{Cs}]/gu, " ").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Two decimals, so that the same diagnosis gives the same bytes on every machine. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

export function shortened(content: string, charactersMax: number): string {
  return content.length > charactersMax ? `${content.slice(0, charactersMax - 1)}…` : content;
}

export function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** A path through the values by row, with a gap where one is missing. */
export function linePath(values: ArrayLike<number>, x: (row: number) => number, y: (value: number) => number): string {
  let [path, isDrawing] = ["", false];
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === undefined || !Number.isFinite(value)) {
      isDrawing = false;
      continue;
    }
    path += `${isDrawing ? "L" : "M"}${x(row)} ${y(value)}`;
    isDrawing = true;
  }
  return path;
}

/** Time of a row: as ISO 8601 if the table has times that a date can hold, else the number of the row. */
export function timeText(timeMs: number | undefined, row: number): string {
  const time = new Date(timeMs ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? `row ${row}` : time.toISOString();
}

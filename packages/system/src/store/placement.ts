/**
 * Which service runs on which node, as the cluster has decided it.
 */

/** Key of the decided placement: a JSON object of node by service. */
export const PLACEMENT_KEY = "void/placement";

/** Node by service. */
export type Placement = Readonly<Record<string, string>>;

/** The placement in a text, or `undefined` for a text that holds none. */
export function parsePlacement(text: string): Placement | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const entries = Object.entries(value).flatMap(([task, node]: [string, unknown]) => (typeof node === "string" ? [[task, node] as const] : []));
    return Object.fromEntries(entries);
  } catch {
    return undefined;
  }
}

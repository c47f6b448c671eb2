/** Formats a value for people, without quotes around strings that need none. */
export function show(value: unknown): string {
  if (typeof value === "string") return /^[\w.:-]+$/.test(value) ? value : JSON.stringify(value);
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Map) return `{${[...value].map(([key, entry]) => `${show(key)}: ${show(entry)}`).join(", ")}}`;
  if (value instanceof Set) return `{${[...value].map(show).join(", ")}}`;
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, entry]) => `${key}: ${show(entry)}`)
    .join(", ")}}`;
}

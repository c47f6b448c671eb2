const V4 = /^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/u;
const GROUP = /^[0-9a-f]{1,4}$/iu;
const GROUPS = 8;
const MAPPED = "0:0:0:0:0:ffff:";

/**
 * Returns the one text of an IP address, version 4 or 6 (RFC 4291 §2.2), so that equal addresses are equal texts; or
 * `undefined` for anything else. An address of version 4 mapped into version 6 counts as version 4.
 */
export function normalizeIp(text: string): string | undefined {
  if (V4.test(text)) return text.split(".").every((part) => Number(part) <= 255) ? text : undefined;
  const groups = groupsOf(text);
  if (groups === undefined) return undefined;
  const whole = groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
  if (!whole.startsWith(MAPPED)) return whole;
  return groups.slice(-2).flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]).join(".");
}

/** Returns the eight groups of a version 6 address. */
function groupsOf(text: string): readonly string[] | undefined {
  const halves = text.split("::");
  const [front = "", back] = halves;
  if (halves.length > 2 || !text.includes(":")) return undefined;
  const first = split(front, back === undefined);
  const last = split(back ?? "", true);
  const zeros = GROUPS - first.length - last.length;
  // "::" stands for one group of zeros at least.
  if (back === undefined ? zeros !== 0 : zeros < 1) return undefined;
  const groups = [...first, ...Array.from({ length: zeros }, () => "0"), ...last];
  return groups.every((group) => GROUP.test(group)) ? groups : undefined;
}

/** Splits at the colons, and a version 4 address at the end into two groups. */
function split(text: string, isEnd: boolean): readonly string[] {
  if (text === "") return [];
  const groups = text.split(":");
  const quad = groups.at(-1) ?? "";
  if (!isEnd || !V4.test(quad)) return groups;
  const [a = 0, b = 0, c = 0, d = 0] = quad.split(".").map(Number);
  if (Math.max(a, b, c, d) > 255) return groups;
  return [...groups.slice(0, -1), (a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

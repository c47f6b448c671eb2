const V4 = /^(?:(?:0|[1-9][0-9]{0,2})(?:\.(?!$)|$)){4}$/u;
const GROUP = /^[0-9a-f]{1,4}$/iu;
const GROUPS = 8;
/** Bytes before the version 4 address that is mapped into version 6 (RFC 4291 §2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const;
const PREFIX = /^(?:0|[1-9][0-9]{0,2})$/u;

/** Block of IP addresses: those that begin with the first `bits` of `bytes`. */
export interface IpNetwork {
  /** 4 bytes for version 4, 16 for version 6. Zero behind the prefix. */
  readonly bytes: readonly number[];
  /** Length of the prefix, in bits. */
  readonly bits: number;
}

/**
 * Returns the bytes of an IP address, 4 for version 4 and 16 for version 6 (RFC 4291 §2.2); or `undefined` for anything
 * else. An address of version 4 mapped into version 6 counts as version 4.
 */
export function parseIp(text: string): readonly number[] | undefined {
  if (V4.test(text)) return quadOf(text);
  const groups = groupsOf(text);
  if (groups === undefined) return undefined;
  const bytes = groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]);
  return isMapped(bytes) ? bytes.slice(MAPPED.length) : bytes;
}

/**
 * Returns the network of a text in CIDR notation (RFC 4632): an address, and the length of the prefix. `undefined` for
 * anything else, and for an address with bits behind the prefix. A network of mapped version 4 addresses counts as version 4.
 */
export function parseNetwork(text: string): IpNetwork | undefined {
  const [address = "", prefix = "", ...more] = text.split("/");
  const bytes = parseIp(address);
  if (bytes === undefined || more.length > 0 || !PREFIX.test(prefix)) return undefined;
  // Written as version 6, so that its prefix counts the bits before the mapped address too.
  const isMappedText = bytes.length === 4 && address.includes(":");
  const bits = Number(prefix) - (isMappedText ? MAPPED.length * 8 : 0);
  if (bits < 0 || bits > bytes.length * 8) return undefined;
  return bytes.every((byte, at) => (byte & ~maskOf(bits, at) & 0xff) === 0) ? { bytes, bits } : undefined;
}

/** Returns true if an address, or the beginning of a network, lies in a network. */
export function isInNetwork(address: readonly number[], { bytes, bits }: IpNetwork): boolean {
  return address.length === bytes.length && bytes.every((byte, at) => byte === ((address[at] ?? 0) & maskOf(bits, at)));
}

/** Bits of the byte at this place that belong to the prefix. */
function maskOf(bits: number, at: number): number {
  return (0xff00 >> Math.min(8, Math.max(0, bits - at * 8))) & 0xff;
}

function isMapped(bytes: readonly number[]): boolean {
  return MAPPED.every((byte, at) => byte === bytes[at]);
}

function quadOf(text: string): readonly number[] | undefined {
  const quad = text.split(".").map(Number);
  return quad.every((part) => part <= 255) ? quad : undefined;
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
  const parts = isEnd && V4.test(quad) ? quadOf(quad) : undefined;
  if (parts === undefined) return groups;
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  return [...groups.slice(0, -1), (a * 256 + b).toString(16), (c * 256 + d).toString(16)];
}

import { InvalidTextError, quote } from "../errors.ts";

/** Longest text of a graph, in characters. */
export const GRAPH_TEXT_LENGTH_MAX: number = 2 ** 22;
/** Deepest nesting of braces. */
const GROUP_DEPTH_MAX = 32;

/** Attributes of a node or an edge; one without a value has the value "". */
type Attributes = ReadonlyMap<string, string>;

/** An edge as it is written. */
interface ReadEdge {
  readonly from: string;
  readonly to: string;
  readonly arrow: "->" | "<->" | "--";
  readonly attributes: Attributes;
}

/** A graph as it is written. */
export interface ReadGraph {
  /** Nodes in the order of their mention. */
  readonly nodes: ReadonlyMap<string, Attributes>;
  readonly edges: readonly ReadEdge[];
}

const TOKEN = /\s+|\/\/.*|#.*|\/\*[^]*?\*\/|<->|->|<-|--|"(?:[^"\\]|\\.)*"|-?[\p{L}\p{N}_.]+|[^]/gu;
/** White space and comments. A lone slash is a mistake, so it is no blank. */
const BLANK = /^(?:\s|\/[/*]|#)/u;
const NAME = /^(?:".*"|-?[\p{L}\p{N}_.]+)$/su;
const KEYWORD = /^(?:strict|(?:di|sub)?graph|[dmp]ag|pdag|node|edge)$/iu;
const ARROWS: readonly (string | undefined)[] = ["->", "<-", "<->", "--"];

interface Token {
  readonly text: string;
  readonly line: number;
}

/** A text while it is read. */
interface Reading {
  readonly format: string;
  readonly tokens: readonly Token[];
  at: number;
  readonly nodes: Map<string, Map<string, string>>;
  readonly edges: ReadEdge[];
}

/**
 * Reads the grammar that DOT, dagitty and the literal of this package share: chains of names, or groups of names in
 * braces, joined by `->`, `<-`, `<->` or `--`, with attributes in brackets. A header such as `digraph name {` or `dag {`
 * may stand around it.
 *
 * @throws `InvalidTextError` at the first mistake.
 */
export function readGraph(text: string, format: string): ReadGraph {
  if (typeof text !== "string" || text.length > GRAPH_TEXT_LENGTH_MAX) {
    const got = typeof text === "string" ? `${text.length} characters` : quote(text);
    throw new InvalidTextError(format, 1, `expected text of at most ${GRAPH_TEXT_LENGTH_MAX} characters, got ${got}`);
  }
  const reading = { format, tokens: tokensOf(text), at: 0, nodes: new Map(), edges: [] };
  const brace = reading.tokens.findIndex((token) => token.text === "{");
  const hasHeader = brace <= 3 && KEYWORD.test(peek(reading) ?? "") && brace > 0;
  if (hasHeader) reading.at = brace + 1;
  statements(reading, 0);
  if (hasHeader) expect(reading, "}");
  if (reading.at < reading.tokens.length) throw mistake(reading, "the end of the graph");
  return reading;
}

/** Reads up to a closing brace; returns the nodes that were named. */
function statements(reading: Reading, depth: number): readonly string[] {
  const named: string[] = [];
  while (reading.at < reading.tokens.length && peek(reading) !== "}") {
    if (!skip(reading, ";") && !skip(reading, ",")) named.push(...statement(reading, depth));
  }
  return named;
}

/** Reads one chain `a -> {b c} <-> d [attributes]`, or a setting, which says nothing about the graph. */
function statement(reading: Reading, depth: number): readonly string[] {
  const next = reading.tokens[reading.at + 1]?.text;
  const isSetting = next === "=" || (next === "[" && KEYWORD.test(peek(reading) ?? ""));
  if (isSetting) {
    name(reading);
    if (skip(reading, "=")) name(reading);
    else attributesOf(reading);
    return [];
  }
  let from = group(reading, depth);
  const named = [...from];
  const links: Omit<ReadEdge, "attributes">[] = [];
  for (let arrow = peek(reading); ARROWS.includes(arrow); arrow = peek(reading)) {
    reading.at++;
    const to = group(reading, depth);
    for (const a of from) {
      for (const b of to) {
        if (arrow === "<-") links.push({ from: b, to: a, arrow: "->" });
        else links.push({ from: a, to: b, arrow: arrow === "->" || arrow === "<->" ? arrow : "--" });
      }
    }
    named.push(...to);
    from = to;
  }
  const attributes = attributesOf(reading);
  for (const link of links) reading.edges.push({ ...link, attributes });
  if (links.length === 0) for (const node of named) for (const [key, value] of attributes) reading.nodes.get(node)?.set(key, value);
  return named;
}

/** Reads a name or `{a b}`. */
function group(reading: Reading, depth: number): readonly string[] {
  if (/^subgraph$/iu.test(peek(reading) ?? "")) {
    reading.at++;
    if (peek(reading) !== "{") name(reading);
  }
  if (skip(reading, "{")) {
    if (depth === GROUP_DEPTH_MAX) throw mistake(reading, `at most ${GROUP_DEPTH_MAX} nested groups`);
    const named = new Set(statements(reading, depth + 1));
    expect(reading, "}");
    return [...named];
  }
  const node = name(reading);
  if (!reading.nodes.has(node)) reading.nodes.set(node, new Map());
  return [node];
}

function attributesOf(reading: Reading): Attributes {
  const found = new Map<string, string>();
  while (skip(reading, "[")) {
    while (!skip(reading, "]")) {
      if (skip(reading, ",") || skip(reading, ";")) continue;
      const key = name(reading);
      found.set(key, skip(reading, "=") ? name(reading) : "");
    }
  }
  return found;
}

function name(reading: Reading): string {
  const text = peek(reading) ?? "";
  if (!NAME.test(text) || text === '"') throw mistake(reading, "a name");
  reading.at++;
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(["\\])/gu, "$1") : text;
}

function peek({ tokens, at }: Reading): string | undefined {
  return tokens[at]?.text;
}

function skip(reading: Reading, text: string): boolean {
  const found = peek(reading) === text;
  if (found) reading.at++;
  return found;
}

function expect(reading: Reading, text: string): void {
  if (!skip(reading, text)) throw mistake(reading, text);
}

function mistake({ format, tokens, at }: Reading, expected: string): InvalidTextError {
  const { text, line } = tokens[at] ?? { text: "the end", line: tokens.at(-1)?.line ?? 1 };
  return new InvalidTextError(format, line, `expected ${expected}, got ${text.slice(0, 40)}`);
}

function tokensOf(text: string): readonly Token[] {
  let line = 1;
  return [...text.matchAll(TOKEN)].flatMap(([piece]) => {
    const token = { text: piece, line };
    line += piece.split("\n").length - 1;
    return BLANK.test(piece) ? [] : [token];
  });
}

/** Returns a name as these formats write it: bare if it is a word, else in quotes. */
export function writeName(node: string): string {
  const bare = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(node) && !KEYWORD.test(node);
  return bare ? node : `"${node.replace(/["\\]/gu, "\\$&")}"`;
}

/** Returns the text of a graph from its lines. */
export function writeGraph(header: string, lines: readonly string[]): string {
  return `${header} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

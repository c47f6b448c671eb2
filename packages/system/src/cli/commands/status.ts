/**
 * `void status`: the nodes of a cluster by their own answers, and the endpoints that do not answer.
 */
import type { Command } from "commander";
import { type Eff, type Need, all } from "@void-system/effects/fibers";
import { timeout } from "@void-system/effects/world";
import { Http } from "../../clients/http-client.ts";
import { Redis } from "../../clients/redis-client.ts";
import { CommandError } from "../../errors.ts";
import type { Problem } from "../../node/problems.ts";
import type { ShownStatus } from "../../status.ts";
import { columns } from "../columns.ts";
import { command, type ClusterOptions, withCluster } from "../command.ts";
import { Console, EXIT } from "../console.ts";
import { type Endpoint, type Profile, readProfile } from "../profile.ts";

const ANSWER_TIMEOUT_MS = 2_000;

type Needs = Need<"void.clock"> | Need<"void.http"> | Need<"void.redis">;

/** An endpoint, and the answer of the node there. */
interface Asked {
  readonly endpoint: Endpoint;
  /** Its address, as people are shown it. */
  readonly address: string;
  readonly answer: Answer;
}

/** The status of a node, or the reason why there is none. */
type Answer = { readonly status: ShownStatus } | { readonly status?: undefined; readonly failure: string };

const SILENT: Answer = { failure: "does not answer" };

/** Every node's status; `undefined` for one that does not answer. */
export function* nodeStatuses(cluster: Profile): Generator<Needs, readonly (ShownStatus | undefined)[]> {
  return (yield* answersOf(cluster)).map(({ status }) => status);
}

function answersOf({ nodes, token }: Profile): Eff<Needs, readonly Answer[]> {
  return all(nodes.map((endpoint) => () => answerOf(endpoint, token)));
}

function* answerOf({ host, http, resp }: Endpoint, token: Profile["token"]): Generator<Needs, Answer> {
  const node = http === undefined ? { host, port: resp, token: token() } : undefined;
  const ask = (): Eff<Needs, unknown> => (node ? infoAt(node) : Http.json(`http://${hostIn(host)}:${http}/status`));
  try {
    const status = yield* timeout(ANSWER_TIMEOUT_MS, ask);
    return isShownStatus(status) ? { status } : { failure: "is no node: something else listens there" };
  } catch (error) {
    return error instanceof CommandError ? { failure: `refuses: ${error.refusal}` } : SILENT;
  }
}

/** Returns the part of a status that `INFO` has. */
function* infoAt(node: Parameters<typeof Redis.send>[0]): Generator<Need<"void.redis">, unknown> {
  const text = String(yield* Redis.send(node, "INFO", ["server", "void", "keyspace"]));
  const fields = new Map(text.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]));
  const number = (name: string): object => (fields.get(name) ? { [name]: Number(fields.get(name)) } : {});
  const keys = /^keys=(\d+)/.exec(fields.get("db0") ?? "")?.[1];
  return {
    nodeId: fields.get("node_id"),
    ready: fields.get("ready") === "1",
    pid: Number(fields.get("process_id")),
    ...number("view"),
    ...number("executed"),
    ...(fields.get("state_digest") ? { stateDigest: fields.get("state_digest") } : {}),
    ...(keys === undefined ? {} : { keys: Number(keys) }),
    capacity: JSON.parse(fields.get("capacity") ?? "{}"),
    problems: JSON.parse(fields.get("problems") ?? "[]"),
  };
}

function isShownStatus(value: unknown): value is ShownStatus {
  if (typeof value !== "object" || value === null) return false;
  const { nodeId, ready, pid, view = 0, executed = 0, stateDigest = "", keys = 0, capacity = {}, placement = {}, problems = [] } = value as Partial<
    Record<keyof ShownStatus, unknown>
  >;
  const isObject = (part: unknown): boolean => typeof part === "object" && part !== null;
  return (
    typeof nodeId === "string" &&
    typeof ready === "boolean" &&
    typeof stateDigest === "string" &&
    [pid, view, executed, keys].every((number) => typeof number === "number") &&
    [capacity, placement].every(isObject) &&
    Array.isArray(problems) &&
    problems.every(isProblem)
  );
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { name, about, level, message } = value as Partial<Record<keyof Problem, unknown>>;
  return [name, about, message].every((text) => typeof text === "string") && (level === "red" || level === "yellow");
}

/** `void status`: exit code 1 unless every node is ready and has no red problem. */
export function statusCommand(): Command {
  return withCluster(
    command<ClusterOptions>("status", "what each node says of itself; exit code 1 unless all are ready and without red problems", (_, options) => runStatus(readProfile(options))),
  );
}

/** Asks every endpoint, and shows the answers. */
export function* runStatus(cluster: Profile): Generator<Needs | Need<"void.console">, number> {
  const answers = yield* answersOf(cluster);
  const asked = cluster.nodes.map((endpoint, index): Asked => ({ endpoint, address: addressOf(endpoint), answer: answers[index] ?? SILENT }));
  const problems = problemsIn(asked);
  const mismatches = mismatchesIn(asked);
  yield* Console.print(
    asked.map(({ address, answer }) => ({ endpoint: address, ...(answer.status ?? { error: answer.failure }) })),
    [
      ...columns([["node", "endpoint", "state", "view", "executed", "keys", "digest", "pid"], ...asked.map(rowOf)]),
      ...problems.map(({ about, name, level, message, by }) => `${about}: ${name} (${level}, seen by ${by.join(", ")}): ${message}`),
      ...mismatches,
    ],
  );
  const isWell = answers.every(({ status }) => status?.ready) && !problems.some(({ level }) => level === "red") && mismatches.length === 0;
  return isWell ? 0 : EXIT.failure;
}

function rowOf({ endpoint, address, answer }: Asked): readonly string[] {
  if (!answer.status) return [endpoint.id ?? "?", address, answer.failure, "", "", "", "", ""];
  const { nodeId, ready, view = "-", executed = "-", keys = "-", stateDigest = "-", pid, problems = [] } = answer.status;
  const isRed = problems.some(({ about, level }) => about === nodeId && level === "red");
  return [nodeId, address, `${ready ? "ready" : "not ready"}${isRed ? ", red" : ""}`, String(view), String(executed), String(keys), stateDigest.slice(0, 16), String(pid)];
}

/** Each problem once, in the words of the node that has it where it says so itself, and who sees it. */
function problemsIn(asked: readonly Asked[]): readonly (Problem & { readonly by: readonly string[] })[] {
  const found = new Map<string, Problem & { readonly by: readonly string[] }>();
  for (const { status } of asked.map(({ answer }) => answer)) {
    if (!status) continue;
    for (const problem of status.problems ?? []) {
      const key = `${problem.name} ${problem.about}`;
      const before = found.get(key);
      const by = [...new Set([...(before?.by ?? []), status.nodeId])];
      found.set(key, { ...(before && problem.about !== status.nodeId ? before : problem), by });
    }
  }
  return [...found.values()];
}

/** Endpoints that are not whom the profile says, and nodes that answer at several. */
function mismatchesIn(asked: readonly Asked[]): readonly string[] {
  const found: string[] = [];
  const places = new Map<string, string[]>();
  for (const { endpoint, address, answer } of asked) {
    if (!answer.status) continue;
    const { nodeId } = answer.status;
    if (endpoint.id !== undefined && endpoint.id !== nodeId) found.push(`${address} is ${nodeId}, where ${endpoint.id} was expected`);
    places.set(nodeId, [...(places.get(nodeId) ?? []), address]);
  }
  for (const [nodeId, at] of places) if (at.length > 1) found.push(`${nodeId} answers at ${at.join(" and ")}: one node was asked ${at.length} times`);
  return found;
}

function addressOf({ host, http, resp }: Endpoint): string {
  return `${hostIn(host)}:${http ?? resp}`;
}

/** An address of IPv6 has brackets in front of a port. */
function hostIn(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

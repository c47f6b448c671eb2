import { ValueError } from "./errors.ts";

/** Keys from the value to one of its parts. */
export type Path = readonly (string | number)[];

/** Kinds that are taken, for messages. */
const ACCEPTED = "null, a boolean, a number, a bigint, a string, a Uint8Array, an array or a plain object";
/** Longest key and longest path in a message, in characters. */
const KEY_LENGTH_MAX = 40;
const PATH_LENGTH_MAX = 200;

/** Refuses a part that does not arrive as it is. */
export function refuseKind(path: Path, part: unknown): never {
  const [got, advice] = kindOf(part);
  refuse(path, ACCEPTED, got, advice);
}

/** Refuses a part that is one of those around it. */
export function refuseCycle(path: Path, same: Path): never {
  refuse(path, "an end of the nesting", `a cycle: it is ${expressionOf(same)} again`, "send its name, and look it up at the other side");
}

/** Refuses a part for a reason of its own. */
export function refuse(path: Path, expected: string, got: string, advice: string): never {
  throw new ValueError(expressionOf(path), expected, got, advice);
}

function expressionOf(path: Path): string {
  let expression = "";
  for (const key of path) expression += typeof key === "number" ? `[${key}]` : keyOf(key);
  return expression.length > PATH_LENGTH_MAX ? `value…${expression.slice(-PATH_LENGTH_MAX)}` : `value${expression}`;
}

function keyOf(key: string): string {
  const shown = key.length > KEY_LENGTH_MAX ? `${key.slice(0, KEY_LENGTH_MAX)}…` : key;
  return /^[A-Za-z_$][\w$]*$/.test(shown) ? `.${shown}` : `[${JSON.stringify(shown)}]`;
}

type Kind = readonly [got: string, advice: string];

function kindOf(part: unknown): Kind {
  switch (typeof part) {
    case "undefined":
      return ["undefined", "leave the part out, or send null"];
    case "function":
      return ["a function", "send what it returns"];
    case "symbol":
      return ["a symbol", "send its description"];
    case "bigint":
      return ["a bigint beyond 64 bits", "send it as a string"];
    default:
      return CLASSES.find(([type]) => part instanceof type)?.[1] ?? [`an instance of ${classOf(part)}`, "send a plain object of its fields"];
  }
}

/** Classes that people try to send, a class before those that it extends. */
const CLASSES: readonly (readonly [type: abstract new (...args: never) => unknown, Kind])[] = [
  [Date, ["a Date", "send its getTime() or toISOString()"]],
  [Map, ["a Map", "send [...map], or Object.fromEntries(map)"]],
  [Set, ["a Set", "send [...set]"]],
  [RegExp, ["a RegExp", "send its source and flags"]],
  [Error, ["an Error", "send its name and message"]],
  [ArrayBuffer, ["an ArrayBuffer", "send new Uint8Array(buffer)"]],
  [DataView, ["a DataView", "send a Uint8Array of its bytes"]],
  [Number, ["a Number object", "send its valueOf()"]],
  [String, ["a String object", "send its valueOf()"]],
  [Boolean, ["a Boolean object", "send its valueOf()"]],
  [Promise, ["a Promise", "await it first"]],
];

function classOf(part: unknown): string {
  if (ArrayBuffer.isView(part)) return Object.prototype.toString.call(part).slice("[object ".length, -1);
  const prototype: unknown = Object.getPrototypeOf(part);
  const named: unknown = typeof prototype === "object" && prototype !== null && "constructor" in prototype ? prototype.constructor : undefined;
  // A class may have a static `name` of its own, of any type.
  return typeof named === "function" && typeof named.name === "string" && named.name !== "" ? named.name.slice(0, KEY_LENGTH_MAX) : "a class without a name";
}

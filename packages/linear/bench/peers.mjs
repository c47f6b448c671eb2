/** The same record for each peer: two whole numbers in ranges, a number in a range, a pattern, three numbers, texts. */
import { readFileSync } from "node:fs";

const PATTERN = "^[0-9a-f]{8}$";

/** Loads a peer and its version; `undefined` if it is not installed. */
async function peer(name, entry = name) {
  try {
    const { version } = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8"));
    return { version, api: await import(entry) };
  } catch {
    process.stderr.write(`${name} is not installed: its rows are left out\n`);
    return undefined;
  }
}

/** Each peer with its checks: `is` for a verdict, `parse` for what it calls parsing; both with its way of refusing unknown keys or not. */
export async function recordPeers(isStrict) {
  const peers = await Promise.all([zod(isStrict), arktype(isStrict), valibot(isStrict), typebox34(isStrict), typebox(isStrict)]);
  return peers.filter((one) => one !== undefined);
}

async function zod(isStrict) {
  const found = await peer("zod");
  if (found === undefined) return undefined;
  const { z } = found.api;
  const schema = (isStrict ? z.strictObject : z.object)({
    age: z.int().min(0).max(120),
    port: z.int().min(1).max(65_535),
    ratio: z.number().min(0).max(1),
    id: z.string().regex(new RegExp(PATTERN)),
    at: z.tuple([z.number(), z.number(), z.number()]),
    tags: z.array(z.string().min(1).max(16)).min(1),
  });
  return {
    name: "zod",
    version: found.version,
    parse: (value) => schema.safeParse(value).success,
    issues: (value) => schema.safeParse(value).error?.issues.length ?? 0,
  };
}

async function arktype(isStrict) {
  const found = await peer("arktype");
  if (found === undefined) return undefined;
  const { type } = found.api;
  const schema = type({
    age: "0<=number.integer<=120",
    port: "1<=number.integer<=65535",
    ratio: "0<=number<=1",
    id: new RegExp(PATTERN),
    at: ["number", "number", "number"],
    tags: "(1<=string<=16)[]>=1",
    ...(isStrict && { "+": "reject" }),
  });
  return { name: "arktype", version: found.version, is: (value) => schema.allows(value), parse: (value) => !(schema(value) instanceof type.errors) };
}

async function valibot(isStrict) {
  const found = await peer("valibot");
  if (found === undefined) return undefined;
  const v = found.api;
  const schema = (isStrict ? v.strictObject : v.object)({
    age: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(120)),
    port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
    ratio: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    id: v.pipe(v.string(), v.regex(new RegExp(PATTERN))),
    at: v.tuple([v.number(), v.number(), v.number()]),
    tags: v.pipe(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(16))), v.minLength(1)),
  });
  return { name: "valibot", version: found.version, slowIs: (value) => v.is(schema, value), parse: (value) => v.safeParse(schema, value).success };
}

function typeboxRecord(Type, isStrict) {
  return Type.Object(
    {
      age: Type.Integer({ minimum: 0, maximum: 120 }),
      port: Type.Integer({ minimum: 1, maximum: 65_535 }),
      ratio: Type.Number({ minimum: 0, maximum: 1 }),
      id: Type.String({ pattern: PATTERN }),
      at: Type.Tuple([Type.Number(), Type.Number(), Type.Number()]),
      tags: Type.Array(Type.String({ minLength: 1, maxLength: 16 }), { minItems: 1 }),
    },
    isStrict ? { additionalProperties: false } : {},
  );
}

async function typebox34(isStrict) {
  const found = await peer("@sinclair/typebox");
  const compiler = found && (await peer("@sinclair/typebox", "@sinclair/typebox/compiler"));
  if (compiler === undefined) return undefined;
  const check = compiler.api.TypeCompiler.Compile(typeboxRecord(found.api.Type, isStrict));
  return { name: "@sinclair/typebox compiled", version: found.version, is: (value) => check.Check(value) };
}

async function typebox(isStrict) {
  const found = await peer("typebox");
  const compiler = found && (await peer("typebox", "typebox/compile"));
  if (compiler === undefined) return undefined;
  const check = compiler.api.Compile(typeboxRecord(found.api.Type, isStrict));
  return { name: "typebox compiled", version: found.version, is: (value) => check.Check(value) };
}

/**
 * Compiles the description of a type into the source of one function, so that a record is checked without a call for each
 * of its parts. All of the source is ours except numbers and keys, which are inserted as number and string literals.
 * Everything else (patterns, readers) is a constant that the source only refers to.
 */
import { COPY, INVALID, JUDGE } from "../issues.ts";
import { isRecord } from "./record.ts";
import { isMade } from "../schema.ts";
import type { Description, Schema } from "../schema.ts";

/** Returns the value as read, or `INVALID`. May throw the error of a hostile value. */
export type Quick = (value: unknown) => unknown;

/** Maximum of nested types whose checks are inlined. Further ones are called. */
const PARTS_MAX = 200;
let isAllowed: boolean | undefined;

/**
 * Compiles the reader of an array or record into one function. Returns undefined for another type, and if the platform
 * forbids code from strings (a Content Security Policy without `unsafe-eval`, Node's
 * `--disallow-code-generation-from-strings`).
 *
 * @param asIs - true if values are only judged, and not copied.
 */
export function compile(type: Description, asIs: boolean): Quick | undefined {
  if (isAllowed === false || (type.type !== "array" && type.type !== "record")) return undefined;
  try {
    const quick = new Source(asIs).functionOf(type);
    isAllowed = true;
    return quick;
  } catch {
    // Not an error, because the plain reader remains.
    isAllowed ??= false;
    return undefined;
  }
}

class Source {
  readonly #asIs: boolean;
  readonly #constants: unknown[] = [];
  #text = "";
  #names = 0;
  #parts = 0;

  constructor(asIs: boolean) {
    this.#asIs = asIs;
  }

  functionOf(type: Description): Quick {
    const result = this.#read(type, "v");
    const names = this.#constants.map((_, index) => `k${index}`);
    // oxlint-disable-next-line no-new-func -- the source is of this file, see above
    const make: unknown = new Function(
      "I,isRecord,isArray,floor,getPrototypeOf,freeze,prototype,own",
      `[${names}]`,
      `return v=>{${this.#text}return ${result}}`,
    );
    // The source is that of a function that returns the reader.
    return (make as (...values: readonly unknown[]) => Quick)(
      INVALID,
      isRecord,
      Array.isArray,
      Math.floor,
      Object.getPrototypeOf,
      Object.freeze,
      Object.prototype,
      Object.prototype.hasOwnProperty,
      this.#constants,
    );
  }

  /** Emits code that reads the value of a variable, and returns the expression of the result. */
  #read(type: Description, value: string): string | undefined {
    switch (type.type) {
      case "number": {
        const { lo, hi, whole, signedZero } = type;
        const low = numeral(Math.max(lo, -Number.MAX_VALUE));
        const high = numeral(Math.min(hi, Number.MAX_VALUE));
        this.#refuse(`typeof ${value}!="number"||!(${value}>=${low}&&${value}<=${high})`);
        if (whole) this.#refuse(`floor(${value})!==${value}`);
        return this.#asIs || signedZero === true ? value : `${value}+0`;
      }
      case "string":
        this.#refuse(`typeof ${value}!="string"`);
        if (type.min !== undefined) this.#refuse(`${value}.length<${numeral(type.min)}`);
        if (type.max !== undefined) this.#refuse(`${value}.length>${numeral(type.max)}`);
        if (type.pattern !== undefined) {
          const own = this.#constant(type.pattern);
          this.#refuse(`${own}.lastIndex=0,!${own}.test(${value})`);
        }
        return value;
      case "array":
        return this.#array(type, value);
      case "record":
        return this.#record(type.fields, value);
      default:
        return undefined;
    }
  }

  /** Emits the same for a part: inlined, or a call if there are too many parts or its description is incomplete. */
  #part(schema: Schema<unknown>, value: string): string {
    const isOurs = isMade(schema) && ++this.#parts <= PARTS_MAX;
    const result = isOurs ? this.#read(schema["~type"], value) : undefined;
    if (result !== undefined) return result;
    const called = this.#let(`${this.#constant(schema["~read"])}(${value},${this.#constant(this.#asIs ? JUDGE : COPY)})`);
    this.#refuse(`${called}===I`);
    return called;
  }

  #array({ element, min, max }: Extract<Description, { type: "array" }>, value: string): string {
    this.#refuse(`!isArray(${value})`);
    const length = this.#let(`${value}.length`);
    this.#refuse(`typeof ${length}!="number"||!(${length}>=${numeral(min)}&&${length}<=${numeral(max)})||${length}%1`);
    const copy = this.#asIs ? value : this.#let(`new Array(${length})`);
    const index = this.#newName();
    this.#text += `for(let ${index}=0;${index}<${length};${index}++){`;
    const item = this.#let(`${value}[${index}]`);
    // If no element can be read as undefined, a hole needs no special case.
    const mayBeHole = element === undefined || !isNeverUndefined(element);
    if (mayBeHole) this.#refuse(`${item}===undefined&&!own.call(${value},${index})`);
    const result = element === undefined ? item : this.#part(element, item);
    this.#text += this.#asIs ? "}" : `${copy}[${index}]=${result}}freeze(${copy});`;
    return copy;
  }

  #record(fields: Fields, value: string): string {
    this.#refuse(`typeof ${value}!="object"||${value}===null`);
    // Read before the checks, so that the engine knows the shape, and with it the results of the checks.
    const read = fields.map(([key]) => this.#let(`${value}[${JSON.stringify(key)}]`));
    this.#refuse(`getPrototypeOf(${value})!==prototype&&!isRecord(${value})`);
    // Every required key must be present, and no unknown one: optional keys are marked, the required ones counted.
    const count = this.#let("0");
    const key = this.#newName();
    const cases = fields.map(([name, schema], index) => {
      const isThere = "~missing" in schema ? `${read[index]}_=1` : `${count}++`;
      return `case ${JSON.stringify(name)}:${isThere};break;`;
    });
    const optional = fields.flatMap(([, schema], index) => ("~missing" in schema ? [`${read[index]}`] : []));
    for (const name of optional) this.#text += `let ${name}_;`;
    this.#text += `for(let ${key} in ${value}){if(own.call(${value},${key}))switch(${key}){${cases.join("")}default:return I}}`;
    this.#refuse(`${count}!==${fields.length - optional.length}`);
    for (const name of optional) this.#text += `if(!${name}_)${name}=undefined;`;
    const results = fields.map(([, schema], index) => this.#let(this.#part(schema, `${read[index]}`)));
    if (this.#asIs) return value;
    // A key whose result is `undefined` is left out. Computed keys make `__proto__` a key like any other.
    const given = fields.map(([name, schema], index) => {
      const property = `[${JSON.stringify(name)}]:${results[index]}`;
      return isNeverUndefined(schema) ? property : `...${results[index]}!==undefined&&{${property}}`;
    });
    return this.#let(`freeze({${given.join()}})`);
  }

  /** Emits code that refuses the value if the condition holds. */
  #refuse(condition: string): void {
    this.#text += `if(${condition})return I;`;
  }

  #let(expression: string): string {
    const name = this.#newName();
    this.#text += `let ${name}=${expression};`;
    return name;
  }

  #newName(): string {
    return `v${this.#names++}`;
  }

  #constant(value: unknown): string {
    return `k${this.#constants.push(value) - 1}`;
  }
}

type Fields = readonly (readonly [string, Schema<unknown>])[];

/** Returns true if no value that a schema reads is `undefined`. */
function isNeverUndefined(schema: Schema<unknown>): boolean {
  return isMade(schema) && /^(?:number|string|boolean|literal|array|record)$/.test(schema["~type"].type);
}

/** Formats a number as source. */
function numeral(value: number): string {
  return String(Number(value));
}

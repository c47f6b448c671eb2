import { OptionError } from "./errors.ts";

/** Refuses a value that is not an object, and names in it that are unknown: a misspelt option would silently do nothing. */
export function requireOptions(what: string, given: unknown, names: readonly string[], prefix = `${what}.`): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) throw new OptionError(what, "an object", given);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new OptionError(`${prefix}${unknown}`, `absent: the names are ${names.join(", ")}`, "an unknown name");
}

/** Refuses a value that is not a function. */
export function requireFunction(what: string, given: unknown): void {
  if (typeof given !== "function") throw new OptionError(what, "a function", given);
}

/** Refuses a value without a method. Undefined stands for a default. */
export function requireMethod(what: string, given: unknown, method: string): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null || typeof Reflect.get(given, method) !== "function")
    throw new OptionError(what, `an object with the method ${method}`, given);
}

/** Refuses a certificate that is not text. Its text is read elsewhere. */
export function requireCertificate(certificate: unknown): void {
  if (typeof certificate !== "string") throw new OptionError("certificate", "PEM, as createCertificate makes it", certificate);
}

/** Refuses a frame that is not bytes: text would arrive as other bytes. */
export function requireFrame(frame: unknown): void {
  if (!(frame instanceof Uint8Array)) throw new OptionError("a frame", "a Uint8Array", frame);
}

/** Refuses a deadline that is not a finite number of milliseconds. */
export function requireDeadline(deadlineMs: unknown): void {
  if (typeof deadlineMs !== "number" || !Number.isFinite(deadlineMs) || deadlineMs < 0)
    throw new OptionError("deadlineMs", "milliseconds of 0 or more", deadlineMs);
}

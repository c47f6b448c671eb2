/** The module node:crypto. It is passed as an argument, so that no file of the main entry imports it. */
export type NodeCrypto = typeof import("node:crypto");

interface NodeProcess {
  getBuiltinModule?(name: "node:crypto"): NodeCrypto | undefined;
}

/** Returns node:crypto if the platform has it, without an import that would break a bundle for browsers. */
export function builtinCrypto(): NodeCrypto | undefined {
  const process: NodeProcess | undefined = "process" in globalThis ? globalThis.process : undefined;
  return process?.getBuiltinModule?.("node:crypto");
}

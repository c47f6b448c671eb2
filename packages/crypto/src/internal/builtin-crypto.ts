/** The module node:crypto. It is handed in where it is used, so that no file of the main entry imports it. */
export type NodeCrypto = typeof import("node:crypto");

interface NodeProcess {
  getBuiltinModule?(name: "node:crypto"): NodeCrypto | undefined;
}

/** node:crypto where the platform has it, without an import that a bundle for browsers would trip over. */
export function builtinCrypto(): NodeCrypto | undefined {
  const process: NodeProcess | undefined = "process" in globalThis ? globalThis.process : undefined;
  return process?.getBuiltinModule?.("node:crypto");
}

import { describe, expect, test } from "vitest";
import { type ComponentParts, component } from "../src/component.ts";
import { BootError, BootOrderError } from "../src/errors.ts";
import { Lifecycle } from "../src/lifecycle.ts";

function traced(trace: string[], parts: ComponentParts) {
  return component({
    start: async () => void trace.push(`start ${parts.name}`),
    drain: async () => void trace.push(`drain ${parts.name}`),
    stop: async () => void trace.push(`stop ${parts.name}`),
    ...parts,
  });
}

describe("Lifecycle", () => {
  test("starts by phase, then by needs; drains and stops in reverse", async () => {
    const trace: string[] = [];
    const lifecycle = new Lifecycle([
      traced(trace, { name: "resp", phase: "faces", needs: ["pbft"] }),
      traced(trace, { name: "pbft", phase: "distributed", needs: ["links"] }),
      traced(trace, { name: "links", phase: "distributed" }),
      traced(trace, { name: "config", phase: "types" }),
    ]);
    await lifecycle.start();
    await lifecycle.stop(100);
    expect(trace.slice(0, 4)).toEqual(["start config", "start links", "start pbft", "start resp"]);
    expect(trace.slice(4).join(", ")).toBe(
      "drain resp, stop resp, drain pbft, stop pbft, drain links, stop links, drain config, stop config",
    );
  });

  test("a component that fails unwinds all before it and is named", async () => {
    const trace: string[] = [];
    const cause = new Error("port 6379 is taken");
    const lifecycle = new Lifecycle([
      traced(trace, { name: "config", phase: "types" }),
      traced(trace, { name: "resp", phase: "faces", start: () => Promise.reject(cause) }),
      traced(trace, { name: "http", phase: "faces" }),
    ]);
    const failure = await lifecycle.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BootError);
    expect(failure).toMatchObject({ component: "resp", cause, code: "ERR_BOOT" });
    expect(trace).toEqual(["start config", "stop config"]);
  });

  test("one that fails to stop does not keep the others from it", async () => {
    const trace: string[] = [];
    const lifecycle = new Lifecycle([
      traced(trace, { name: "a", phase: "types" }),
      traced(trace, { name: "b", phase: "faces", stop: () => Promise.reject(new Error("stuck")) }),
    ]);
    await lifecycle.start();
    await expect(lifecycle.stop(1)).rejects.toThrow("1 components did not stop cleanly");
    expect(trace).toContain("stop a");
  });

  test("an abort in mid-boot unwinds", async () => {
    const trace: string[] = [];
    const abort = new AbortController();
    const lifecycle = new Lifecycle([
      traced(trace, { name: "a", phase: "types", start: async () => abort.abort() }),
      traced(trace, { name: "b", phase: "faces" }),
    ]);
    await expect(lifecycle.start(abort.signal)).rejects.toMatchObject({ component: "b" });
    expect(trace).toEqual(["stop a"]);
  });

  test.each([
    ["a circle", [component({ name: "a", phase: "types", needs: ["b"] }), component({ name: "b", phase: "types", needs: ["a"] })]],
    ["a missing need", [component({ name: "a", phase: "types", needs: ["b"] })]],
    ["a need of a later phase", [component({ name: "a", phase: "types", needs: ["b"] }), component({ name: "b", phase: "faces" })]],
    ["one name twice", [component({ name: "a", phase: "types" }), component({ name: "a", phase: "faces" })]],
  ])("refuses %s before anything starts", (_, parts) => {
    expect(() => new Lifecycle(parts)).toThrow(BootOrderError);
  });
});

import { memoryHub, type MemoryHubOptions } from "../src/index.ts";

/** A hub whose turns the test takes. */
export function stepped(options: MemoryHubOptions = {}): { hub: ReturnType<typeof memoryHub>; run(): void } {
  const turns: (() => void)[] = [];
  const hub = memoryHub({ ...options, schedule: (task) => turns.push(task) });
  return {
    hub,
    run: () => {
      for (let turn = turns.shift(); turn; turn = turns.shift()) turn();
    },
  };
}

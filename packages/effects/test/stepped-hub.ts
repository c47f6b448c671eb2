import { memoryHub, type MemoryHubOptions } from "../src/index.ts";

/** Makes a hub whose turns of the event loop the test runs. */
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

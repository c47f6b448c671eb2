import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

export const readYourWrites: Planted = {
  name: "read-your-writes broken",
  story:
    "a client reads its own write from a replica that does not have it yet; fix: reads name their least version",
  check: "a client reads its own write",
  build: (bug) => ({
    nodes: {
      primary: (world) => {
        let version = 0;
        onMessage(world, {
          write: (from) => {
            version += 1;
            send(world, "replica", "copy", version);
            send(world, from, "written", version);
          },
        });
      },
      replica: (world) => {
        let version = 0;
        const waiting: { readonly from: string; readonly needs: number }[] = [];
        const answer = (): void => {
          for (const { from, needs } of waiting.splice(0)) {
            if (!bug && version < needs) waiting.push({ from, needs });
            else send(world, from, "read", version);
          }
        };
        onMessage(world, {
          copy: (_from, number) => {
            version = Number(number);
            answer();
          },
          get: (from, needs) => {
            waiting.push({ from, needs: Number(needs) });
            answer();
          },
        });
      },
      client: (world, { check }) => {
        let wrote = 0;
        onMessage(world, {
          written: (_from, version) => {
            wrote = Number(version);
            send(world, "replica", "get", wrote);
          },
          read: (_from, version) => check("a client reads its own write", Number(version) >= wrote, `${version}, not ${wrote}`),
        });
        whenLinked(world, ["primary", "replica"], () => send(world, "primary", "write"));
      },
    },
    network: {
      link: (from, to) =>
        from === "primary" && to === "replica" ? { delays: "long-tail", maxDelayMs: 50 } : undefined,
    },
  }),
};

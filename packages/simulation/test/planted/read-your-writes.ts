import { hear, type Planted, tell, whenLinked } from "./kit.ts";

export const readYourWrites: Planted = {
  name: "read-your-writes broken",
  story:
    "who has just written reads from a replica that has not heard of it; right: the read names the version it must see",
  check: "who wrote sees it",
  build: (bug) => ({
    nodes: {
      primary: (world) => {
        let version = 0;
        hear(world, {
          write: (from) => {
            version += 1;
            tell(world, "replica", "copy", version);
            tell(world, from, "written", version);
          },
        });
      },
      replica: (world) => {
        let version = 0;
        const waiting: { readonly from: string; readonly needs: number }[] = [];
        const answer = (): void => {
          for (const { from, needs } of waiting.splice(0)) {
            if (!bug && version < needs) waiting.push({ from, needs });
            else tell(world, from, "read", version);
          }
        };
        hear(world, {
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
        hear(world, {
          written: (_from, version) => {
            wrote = Number(version);
            tell(world, "replica", "get", wrote);
          },
          read: (_from, version) => check("who wrote sees it", Number(version) >= wrote, `${version}, not ${wrote}`),
        });
        whenLinked(world, ["primary", "replica"], () => tell(world, "primary", "write"));
      },
    },
    network: {
      link: (from, to) =>
        from === "primary" && to === "replica" ? { delays: "long-tail", maxDelayMs: 50 } : undefined,
    },
  }),
};

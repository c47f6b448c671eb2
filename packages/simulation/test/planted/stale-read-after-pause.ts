import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

const LEASE_MS = 40;

export const staleReadAfterPause: Planted = {
  name: "stale read after pause",
  story:
    "after a pause, a reader counts its lease from the answer and serves old values; fix: count from the request",
  check: "a read sees what was written before it",
  build: (bug) => {
    let written = 0;
    return {
      nodes: {
        reader: (world, { check }) => {
          let askedAt = 0;
          const renew = (): void => {
            askedAt = world.clock.monotonicMs();
            send(world, "owner", "lease");
          };
          onMessage(world, {
            lease: (_from, value) => {
              const until = (bug ? world.clock.monotonicMs() : askedAt) + LEASE_MS;
              const read = (): void => {
                if (world.clock.monotonicMs() >= until) return renew();
                check("a read sees what was written before it", Number(value) === written, `${value}, not ${written}`);
                world.clock.schedule(7, read);
              };
              read();
            },
          });
          whenLinked(world, ["owner"], renew);
        },
        owner: (world) => {
          let leasedUntil = 0;
          let value = 0;
          let waiting = false;
          onMessage(world, {
            lease: (from) => {
              if (waiting) return void world.clock.schedule(30, () => grant(from));
              grant(from);
            },
          });
          const grant = (to: string): void => {
            if (waiting) return void world.clock.schedule(30, () => grant(to));
            leasedUntil = world.clock.monotonicMs() + LEASE_MS;
            send(world, to, "lease", value);
          };
          const write = (): void => {
            waiting = true;
            const leftMs = leasedUntil - world.clock.monotonicMs();
            if (leftMs >= 0) return void world.clock.schedule(leftMs + 1, write);
            waiting = false;
            written = value += 1;
            world.clock.schedule(50 + world.random.next() * 100, write);
          };
          world.clock.schedule(50, write);
        },
      },
      faults: { kinds: ["pause"], nodes: ["reader"], untilMs: 900, everyMs: 150, lastMs: [20, 200] },
      until: 1_000,
    };
  },
};

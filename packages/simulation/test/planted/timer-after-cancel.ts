import { onMessage, type Planted, send, whenLinked } from "./kit.ts";

const TIMEOUT_MS = 30;

export const timerAfterCancel: Planted = {
  name: "timer reused after cancel",
  story:
    "the timer of an answered request keeps running and ends the next request; fix: cancel each timer",
  check: "a request has its whole time",
  build: (bug) => ({
    network: { maxDelayMs: 12 },
    nodes: {
      client: (world, { check }) => {
        let cancel = (): void => undefined;
        let left = 3;
        let beganAt = 0;
        let answered = true;
        const ask = (): void => {
          if (!bug) cancel();
          cancel = world.clock.schedule(TIMEOUT_MS, () => {
            if (!answered) check("a request has its whole time", world.clock.monotonicMs() - beganAt >= TIMEOUT_MS);
          });
          send(world, "server", "ask");
        };
        const begin = (): void => {
          beganAt = world.clock.monotonicMs();
          answered = false;
          ask();
          // The client is impatient and asks again.
          world.clock.schedule(15, () => {
            if (!answered && world.clock.monotonicMs() - beganAt >= 15) ask();
          });
        };
        onMessage(world, {
          answer: () => {
            if (answered) return;
            answered = true;
            cancel();
            if ((left -= 1) > 0) begin();
          },
        });
        whenLinked(world, ["server"], begin);
      },
      server: (world) => {
        onMessage(world, { ask: (from) => send(world, from, "answer") });
      },
    },
  }),
};

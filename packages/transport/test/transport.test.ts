import { memoryHub, peerId } from "@void-system/effects";
import { memory } from "../src/index.ts";
import { compliance, QUEUE_BYTES } from "./compliance.ts";
import { openAll } from "./nodes.ts";

compliance("memory", async (names) => {
  const hub = memoryHub({ linkBytesMax: QUEUE_BYTES });
  return names.map((name) => memory({ self: peerId(name), hub }));
});

compliance("tls", (names) => openAll(names, { limits: { frameBytes: 64 * 1024, queueBytes: QUEUE_BYTES } }));

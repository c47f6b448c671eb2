import { expect, onTestFinished, test } from "vitest";
import { ClusterClient } from "../../src/clients/cluster-client.ts";
import { CommandError, UnreachableClusterError } from "../../src/errors.ts";
import { RespServer } from "../../src/resp/server.ts";
import { testNode } from "../support/node.ts";

test("a client goes on with the next node when one does not answer, and says when none does", async () => {
  const node = await testNode();
  const server = new RespServer(node.gateway, () => "");
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close());
  const gone = new RespServer(node.gateway, () => "");
  const dead = await gone.listen({ host: "127.0.0.1", port: 0 });
  await gone.close();
  const both = new ClusterClient([dead, address], "admin");
  expect(String(await both.call("SET", "a", "1"))).toBe("OK");
  both.close();
  const none = new ClusterClient([dead], "admin");
  await expect(none.call("GET", "a")).rejects.toBeInstanceOf(UnreachableClusterError);
  none.close();
  const stranger = new ClusterClient([address], "nonsense");
  await expect(stranger.call("GET", "a")).rejects.toBeInstanceOf(CommandError);
  stranger.close();
});

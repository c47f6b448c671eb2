/**
 * A file share. The server mints a link for a folder; its holder narrows the link, without asking the server, and gives the
 * narrower one away. Run it: `npm run build:js && node examples/file-share/file-share.mjs`.
 *
 * A link is `http://HOST/PATH#TOKEN`: what is behind `#` is never sent in a request line, so no log of a proxy holds it.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CapabilityManager, Macaroon, MacaroonFactory, RevocationList, createStandardVerifier } from "@void-system/macaroons";
import { createGuard, writeAuthorization } from "@void-system/macaroons/http";

const HOUR_MS = 3_600_000;

// The server: a root key that never leaves it, a list of revocations, and a guard before every request.
const factory = new MacaroonFactory(crypto.getRandomValues(new Uint8Array(32)), { location: "file-share" });
const revoked = new RevocationList();
const manager = new CapabilityManager(factory, createStandardVerifier(), { revoked });
const guard = createGuard(manager, {
  realm: "file share",
  contextOf: ({ path, method, address }) => ({
    timeMs: Date.now(),
    resource: path,
    operation: method === "PUT" ? "write" : "read",
    method,
    address,
  }),
});

const folder = await mkdtemp(join(tmpdir(), "file-share-"));
await writeFile(join(folder, "photo.txt"), "a photo of a lighthouse");
await writeFile(join(folder, "diary.txt"), "dear diary");

const server = createServer(async (request, response) => {
  const answer = await guard(request);
  if (!answer.ok) return response.writeHead(answer.status, answer.headers).end(`${answer.reason}\n`);
  try {
    // One folder without folders in it: the last segment is a name, and cannot climb.
    const name = decodeURIComponent(request.url ?? "").split("/").at(-1) ?? "";
    response.end(await readFile(join(folder, name), "utf8"));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;

/** Prints a line. */
function say(what, answer) {
  process.stdout.write(`${what} ${answer}\n`);
}

/** The link of a path, and what opens it: anybody's browser or script. */
const linkTo = (path, token) => `${origin}${path}#${token.encode()}`;
async function open(link, path = new URL(link).pathname) {
  const token = new URL(link).hash.slice(1);
  const answer = await fetch(origin + path, { headers: { authorization: writeAuthorization(token) } });
  return `${answer.status} ${(await answer.text()).trim()}`;
}

/** Narrows a link: the holder's part. No key, no server. */
function narrow(link, path, caveats) {
  const token = Macaroon.decode(new URL(link).hash.slice(1));
  return linkTo(path, caveats.reduce((narrower, caveat) => narrower.addCaveat(caveat), token));
}

const folderLink = linkTo("/files/photo.txt", factory.mint(["resource under /files", `time < ${Date.now() + 24 * HOUR_MS}`], { memo: "ada's folder", mintedAtMs: Date.now() }));
say("ada opens the photo:      ", await open(folderLink));
say("ada opens the diary:      ", await open(folderLink, "/files/diary.txt"));

const photoLink = narrow(folderLink, "/files/photo.txt", ["resource = /files/photo.txt", "method in GET", `time < ${Date.now() + HOUR_MS}`]);
say("bob opens the photo:      ", await open(photoLink));
say("bob opens the diary:      ", await open(photoLink, "/files/diary.txt"));
say("a stranger, without token:", (await fetch(`${origin}/files/photo.txt`)).status);

revoked.revoke({ link: Macaroon.decode(new URL(photoLink).hash.slice(1)).link });
say("bob, revoked:             ", await open(photoLink));
say("ada, still:               ", await open(folderLink));

server.close();
server.closeAllConnections();
await rm(folder, { recursive: true });

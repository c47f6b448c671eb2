/**
 * A node may be a replica and a client at once, over one network. Only clients get replies and hints, and they get nothing else,
 * so a frame's kind says whom it is for. What the two say to each other takes no frame, and is not verified: it never leaves
 * the node.
 */
import type { Cancel, Network, PeerId } from "@void-system/effects";
import type { Request } from "../codec/batch.ts";
import type { Hint, Reply } from "../codec/message.ts";
import { FRAMES } from "../codec/message-codec.ts";

/** The two faces of one network. */
export interface Roles {
  readonly replica: Network;
  readonly client: Network;
  /** The replica and the client of this node, as they hear each other. */
  readonly own: {
    /** The client has signed a statement, which may come back to the replica in a proposal. */
    signed?: ((statement: Uint8Array, signature: Uint8Array) => void) | undefined;
    request?: ((request: Request) => void) | undefined;
    reply?: ((reply: Reply | Hint) => void) | undefined;
  };
}

type Handler = (from: PeerId, frame: Uint8Array) => void;

const shared = new WeakMap<Network, Roles>();

/** The faces of a network: the same each time. It takes the network's one handler of frames when first asked. */
export function rolesOf(network: Network): Roles {
  const known = shared.get(network);
  if (known !== undefined) return known;
  const handlers: { replica?: Handler; client?: Handler } = {};
  network.onFrame((from, frame) => {
    const isForClient = frame[1] === FRAMES.reply.kind || frame[1] === FRAMES.hint.kind;
    // A configuration is for both roles; a replica compares it for both.
    const isForEither = frame[1] === FRAMES.hello.kind;
    (isForClient ? handlers.client : handlers.replica ?? (isForEither ? handlers.client : undefined))?.(from, frame);
  });
  const face = (role: "replica" | "client"): Network => ({
    self: network.self,
    send: (to, frame) => network.send(to, frame),
    onLink: (handle) => network.onLink(handle),
    dial: (peer, address) => network.dial(peer, address),
    hangUp: (peer) => network.hangUp(peer),
    onFrame(handle): Cancel {
      handlers[role] = handle;
      return () => {
        if (handlers[role] === handle) delete handlers[role];
      };
    },
  });
  const roles = { replica: face("replica"), client: face("client"), own: {} };
  shared.set(network, roles);
  return roles;
}

import { verified, type Wire } from "@void-system/effects";
import { messageCodec } from "./message-codec.ts";
import type { PlumtreeMessage } from "./message.ts";

/**
 * Messages on links that authenticate their ends: a frame is as good as the peer it comes from. Nothing is signed, so a
 * peer that relays can lie about what others broadcast.
 */
export const plumtreeWire: Wire<PlumtreeMessage> = {
  seal: (message) => messageCodec.encode(message),
  open(_from, frame, accept, reject) {
    const decoded = messageCodec.decode(frame);
    if (decoded.ok) accept(verified(decoded.value));
    else reject(decoded.reason);
  },
};

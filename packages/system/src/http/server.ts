/**
 * The HTTP face, for people and monitoring on this machine: `/health`, `/status`, `/metrics`, and a page that shows
 * them. It is read-only and has no authentication, so it listens on loopback only.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { type ListenAddress, listen } from "../listen.ts";
import { DASHBOARD } from "./dashboard.ts";

/** Sources of the HTTP pages. */
export interface HttpSources {
  /** Health of the node and the report of each component. */
  readonly health: () => { readonly ok: boolean };
  /** The node's state, as JSON. */
  readonly status: () => unknown;
  /** Metrics in the text format of Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const JSON_TYPE = "application/json; charset=utf-8";
/** Names by which a browser on this machine may call us; any other is a page elsewhere that rebinds its name to loopback. */
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
const REQUEST_TIMEOUT_MS = 10_000;

/** A listener for browsers and Prometheus. */
export class HttpServer {
  readonly #server: Server;
  readonly #sources: HttpSources;

  constructor(sources: HttpSources) {
    this.#sources = sources;
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
      this.#answer(request).then(
        (answer) => send(request, response, answer),
        () => send(request, response, { status: 500, contentType: JSON_TYPE, body: `{"error":"internal error; see the node's log"}\n` }),
      );
    });
  }

  /** @throws {@link ListenError} when the port is taken or may not be used. */
  listen(address: ListenAddress): Promise<ListenAddress> {
    return listen(this.#server, "HTTP", address);
  }

  /** Closes the listener and every connection at once. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    if (!LOCAL_HOST.test(request.headers.host ?? "")) return problem(421, "this face answers to localhost only");
    if (request.method !== "GET" && request.method !== "HEAD") return problem(405, "only GET and HEAD here");
    switch (request.url?.split("?", 1)[0]) {
      case "/":
        return { status: 200, contentType: "text/html; charset=utf-8", body: DASHBOARD };
      case "/health": {
        const health = this.#sources.health();
        return { status: health.ok ? 200 : 503, contentType: JSON_TYPE, body: json(health) };
      }
      case "/status":
        return { status: 200, contentType: JSON_TYPE, body: json(this.#sources.status()) };
      case "/metrics": {
        const { contentType, text } = await this.#sources.metrics();
        return { status: 200, contentType, body: text };
      }
      default:
        return problem(404, "there is /health, /status, /metrics and /");
    }
  }
}

function problem(status: number, error: string): Answer {
  return { status, contentType: JSON_TYPE, body: json({ error }) };
}

/** Formats JSON with 64-bit integers as text, since a JSON number cannot hold them. */
function json(value: unknown): string {
  return `${JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part), 2)}\n`;
}

function send(request: IncomingMessage, response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'self'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

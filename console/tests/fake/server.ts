import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** What a handler answers: a status, and JSON, bytes or nothing. */
export interface Reply {
  readonly status: number;
  readonly json?: unknown;
  readonly bytes?: Buffer;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export type Handler = (asked: Asked) => Reply | "hang up" | Promise<Reply | "hang up">;

/** What CloudFront and its local twin send with the page: the very statement that they read. */
interface Statement {
  readonly headers: Readonly<Record<"page" | "api", Readonly<Record<string, string>>>>;
  readonly content_types: Readonly<Record<string, string>>;
}

const STATEMENT = JSON.parse(
  readFileSync(
    fileURLToPath(new URL("../../../terraform/modules/console/page.json", import.meta.url)),
    "utf8",
  ),
) as Statement;

/** The headers of a deployment, with these origins for images and for what the page connects to. */
export function deployedHeaders(kind: "page" | "api", images: string, connects: string) {
  const fill = (text: string) => text.replaceAll("${images}", images).replaceAll("${connects}", connects);
  const headers = Object.entries(STATEMENT.headers[kind]);
  return Object.fromEntries(headers.map(([name, text]) => [name.toLowerCase(), fill(text)]));
}

/** Serve on a free port of this machine. */
export async function serve(handle: Handler) {
  const server = createServer((request, response) => void answer(request, response, handle));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function answer(request: IncomingMessage, response: ServerResponse, handle: Handler): Promise<void> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return; // the page went away in the middle of a request
  }
  const url = new URL(request.url ?? "/", "http://here");
  const reply = await handle({
    method: request.method ?? "GET",
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(parts),
  });
  if (reply === "hang up") {
    request.socket.destroy();
    return;
  }
  const body =
    reply.bytes ?? (reply.json === undefined ? undefined : Buffer.from(JSON.stringify(reply.json)));
  const json = reply.status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(reply.status, {
    "content-type": reply.type ?? json,
    "cache-control": "no-store",
    ...reply.headers,
  });
  response.end(body);
}

/** The built page, as a deployment would serve it. */
export async function pageFile(folder: string, path: string): Promise<Reply> {
  const name = normalize(path === "/" ? "/index.html" : path);
  try {
    const type = STATEMENT.content_types[extname(name)] ?? "application/octet-stream";
    return { status: 200, bytes: await readFile(join(folder, name)), type };
  } catch {
    return { status: 404, json: { message: "Not Found" } };
  }
}

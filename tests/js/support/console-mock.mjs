// A small server that speaks to the agents' page as Switchboard does: REST, the session cookie, `/ws/agent`, and the page
// itself under its content policy. In memory, on 127.0.0.1; for tests of console-js alone.
//
// `control` lets a test cut sockets, refuse, delay and lose; nothing of that happens by itself.

import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { EPOCH, sees } from "./console-world.mjs";
import { accept } from "./websocket.mjs";

const FOLDER = fileURLToPath(new URL("../../../console-js/", import.meta.url));
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html; charset=utf-8" };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * @param {import("./console-world.mjs").World} world
 * @param {{passwords?: Record<string, string>, workspaces?: {id: string, name: string}[]}} [options]
 */
export async function startMock(world, { passwords = {}, workspaces = [] } = {}) {
  const workspace_id = workspaces[0]?.id ?? randomUUID();
  const sessions = new Map();
  const sockets = new Set();
  const files = new Map();
  const log = [];
  const control = { unreachable: false, refuse: null, fail: null, limited: 0, sent: [], delay_ack_ms: 0 };

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      log.push(error);
      response.destroy();
    });
  });
  server.on("upgrade", (request, stream) => {
    if (control.unreachable) return void stream.destroy();
    session(accept(request, stream), whoIs(request));
  });

  function whoIs(request) {
    const token = /(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    return sessions.get(token);
  }

  async function serve(request, response) {
    if (control.unreachable) return void request.destroy();
    const url = new URL(request.url, "http://mock");
    const path = url.pathname;
    if (path === "/") return page(response);
    if (path.startsWith("/console/assets/")) return asset(response, path.split("/").slice(4).join("/"));
    if (path.startsWith("/files/")) return file(response, path.split("/")[2]);
    const raw = await bodyOf(request);
    const failing = control.fail?.(request.method, path);
    if (failing) return problem(response, failing.status, failing.code, failing.detail ?? "refused by the test", failing.headers);
    if (request.method !== "GET" && !request.headers["idempotency-key"]) return problem(response, 400, "idempotency_key_missing", "no key");
    if (path === "/api/auth/login") return login(response, JSON.parse(raw));
    const agent = whoIs(request);
    if (!agent) return problem(response, 401, "unauthenticated", "no session");
    return answer(request, response, url, raw, agent);
  }

  function login(response, { email, password, workspace_id: chosen }) {
    if (control.limited > 0) return problem(response, 429, "rate_limited", "too many tries", { "Retry-After": String(control.limited) });
    const agent = world.agents.find((one) => one.email === email);
    if (!agent || (passwords[email] ?? "password") !== password) return problem(response, 401, "invalid_credentials", "wrong e-mail or password");
    if (workspaces.length > 1 && !chosen) return json(response, 409, { status: 409, code: "workspace_required", detail: "several", workspaces });
    const token = randomUUID();
    sessions.set(token, agent);
    json(response, 200, { token, ...about(agent) }, { "Set-Cookie": `session=${token}; HttpOnly; SameSite=Lax; Path=/` });
  }

  const about = (agent) => ({ workspace_id, agent, expires_at: "2027-01-01T00:00:00Z" });

  function answer(request, response, url, raw, agent) {
    const query = Object.fromEntries(url.searchParams);
    const [, , version, kind, id, part] = url.pathname.split("/");
    const route = `${request.method} ${version === "v1" ? kind : url.pathname}${id && version === "v1" ? "/id" : ""}${part ? `/${part}` : ""}`;
    const json_body = () => JSON.parse(raw.toString());
    if (id && version === "v1" && !world.conversations.has(id) && !world.contacts.has(id)) return problem(response, 404, "not_found", "there is no such thing");
    switch (route) {
      case "GET /api/auth/me":
        return json(response, 200, about(agent));
      case "POST /api/auth/logout":
        for (const [token, who] of sessions) if (who === agent) sessions.delete(token);
        for (const one of [...sockets]) if (one.agent === agent) one.wire.close(4503);
        return json(response, 200, {}, { "Set-Cookie": "session=; Max-Age=0; Path=/" });
      case "GET conversations":
        return json(response, 200, world.list(agent, { ...query, limit: Number(query.limit ?? 25), cursor: query.cursor ?? null }));
      case "GET conversations/id":
        return json(response, 200, world.conversation(agent, id));
      case "PATCH conversations/id": {
        const expected = request.headers["if-match"];
        if (expected && expected !== `"${world.conversations.get(id).version}"`) return problem(response, 412, "stale_version", "it changed");
        world.change(id, json_body());
        return json(response, 200, world.conversation(agent, id));
      }
      case "GET conversations/id/messages":
        return json(response, 200, world.page(id, { limit: Number(query.limit ?? 25), cursor: query.cursor ?? null }));
      case "GET agents":
        return json(response, 200, { data: world.agents, next_cursor: null });
      case "GET contacts/id":
        return json(response, 200, world.contacts.get(id));
      case "PATCH contacts/id":
        return json(response, 200, world.rename(id, json_body()));
      case "POST /api/upload":
        return upload(response, request.headers["content-type"], raw);
      default:
        if (version === "attachments") return json(response, 200, { url: `/files/${kind}`, filename: "x", mimeType: "x" });
        return problem(response, 404, "not_found", "there is no such path");
    }
  }

  function upload(response, type, raw) {
    const boundary = /boundary=(.+)$/.exec(type)?.[1];
    const text = raw.toString("latin1");
    const head = /filename="([^"]*)"\r\nContent-Type: ([^\r]*)\r\n\r\n/.exec(text);
    if (!boundary || !head) return problem(response, 400, "file_missing", "no file");
    const from = head.index + head[0].length;
    const bytes = raw.subarray(from, text.indexOf(`\r\n--${boundary}`, from));
    const id = randomUUID();
    const attachment = { id, filename: Buffer.from(head[1], "latin1").toString(), size: bytes.length, type: head[2] };
    files.set(id, { bytes, type: head[2] });
    world.attachments.set(id, attachment);
    json(response, 200, { ...attachment, url: `/files/${id}` });
  }

  function file(response, id) {
    const stored = files.get(id);
    if (!stored) return problem(response, 404, "not_found", "there is no such file");
    response.writeHead(200, { "Content-Type": stored.type, "Content-Disposition": "inline" });
    response.end(stored.bytes);
  }

  /** One socket, from hello to its end. */
  function session(wire, agent) {
    const one = { wire, agent, topics: [], live: false, last: world.position, viewing: null };
    const deliver = (frame) => {
      if (!one.live || !sees(one.topics, frame)) return;
      wire.send({ ...frame, prev: one.last });
      one.last = frame.position;
    };
    world.listeners.add(deliver);
    sockets.add(one);
    wire.onEnd = () => {
      world.listeners.delete(deliver);
      sockets.delete(one);
      view(one, null);
    };
    wire.onText = (text) => take(one, JSON.parse(text));
  }

  function take(one, frame) {
    const { wire, agent } = one;
    control.sent.push(frame);
    switch (frame.type) {
      case "hello": {
        if (!agent) return wire.close(4501);
        const at = frame.cursor?.split("-");
        const known = at && at[0] === EPOCH && Number(at[1]) <= world.position;
        one.last = known ? Number(at[1]) : world.position;
        one.replay = known;
        one.live = !known;
        wire.send({ type: "welcome", session_id: randomUUID(), cursor: `${EPOCH}-${one.last}`, heartbeat_secs: 25, limits: { frame_bytes_max: 65536, text_chars_max: 10000, attachments_max: 10, topics_max: 100 } });
        if (frame.cursor && !known) wire.send({ type: "resync_required", reason: "epoch" });
        return;
      }
      case "subscribe":
        if (frame.topics.some((topic) => topic.startsWith("conversation:") && !world.conversations.has(topic.slice(13)))) {
          return wire.send({ type: "refused", code: "not_found", detail: "there is no such thing", retry: "never" });
        }
        one.topics.push(...frame.topics);
        if (one.replay) {
          for (const stored of world.after(one.last, one.topics)) {
            wire.send({ ...stored, prev: one.last });
            one.last = stored.position;
          }
        }
        one.replay = false;
        one.live = true;
        return;
      case "unsubscribe":
        one.topics = one.topics.filter((topic) => !frame.topics.includes(topic));
        return;
      case "ping":
        return wire.send({ type: "pong" });
      case "send":
        return post(one, frame);
      case "read":
        return world.read(agent, frame.conversation_id, frame.seq);
      case "viewing":
        return view(one, frame.conversation_id);
      case "typing":
        return others(one, `conversation:${frame.conversation_id}`, { ...frame, author: { type: "agent", id: agent.id, name: agent.name } });
      case "presence":
        return others(one, "presence", { type: "presence", agents: [{ id: agent.id, status: frame.status }] });
    }
  }

  function post({ wire, agent }, frame) {
    const refusal = control.refuse?.(frame);
    if (refusal === "silence") return;
    if (refusal) return wire.send({ type: "refused", ref: frame.ref, ...refusal });
    const { message, unseen } = world.say(agent, frame.conversation_id, frame);
    if (unseen) return wire.send({ type: "refused", ref: frame.ref, code: "stale_reply", detail: "somebody else has answered", retry: "now", unseen });
    wire.send({ type: "ack", ref: frame.ref, message_id: message.id, seq: message.seq, conversation_id: frame.conversation_id });
  }

  function others(one, topic, frame) {
    for (const other of sockets) if (other !== one && other.topics.includes(topic)) other.wire.send(frame);
  }

  function view(one, id) {
    const before = one.viewing;
    one.viewing = id;
    for (const conversation_id of new Set([before, id])) {
      if (conversation_id === null) continue;
      const agents = [...sockets].filter((other) => other.viewing === conversation_id).map(({ agent }) => ({ id: agent.id, name: agent.name }));
      for (const other of sockets) {
        if (other.topics.includes(`conversation:${conversation_id}`)) other.wire.send({ type: "viewers", conversation_id, agents });
      }
    }
  }

  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    control,
    log,
    sockets,
    sessions,
    files,
    /** Sends a frame to everybody who hears a topic. */
    tell(topic, frame) {
      for (const one of sockets) if (one.topics.includes(topic)) one.wire.send(frame);
    },
    cutAll() {
      for (const one of [...sockets]) one.wire.cut();
    },
    async stop() {
      for (const one of [...sockets]) one.wire.cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function page(response) {
  const html = await readFile(join(FOLDER, "index.html"), "utf8");
  const hash = createHash("sha256").update(html).digest("hex").slice(0, 16);
  response.writeHead(200, { "Content-Type": TYPES[".html"], "Content-Security-Policy": POLICY });
  response.end(html.replaceAll("__ASSETS__", `/console/assets/${hash}`));
}

async function asset(response, path) {
  const file = normalize(join(FOLDER, path));
  if (!file.startsWith(FOLDER)) return problem(response, 404, "not_found", "outside");
  try {
    const bytes = await readFile(file);
    response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Content-Security-Policy": POLICY });
    response.end(bytes);
  } catch {
    problem(response, 404, "not_found", "no such file");
  }
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function json(response, status, body, headers = {}) {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(status, { "Content-Type": type, ...headers });
  response.end(JSON.stringify(body));
}

function problem(response, status, code, detail, headers = {}) {
  json(response, status, { type: `/errors/${code}`, title: code, status, code, detail }, headers);
}

// A workspace as the server keeps it, in memory: for tests of the agents' side.
//
// Guarantees: every change is an event with the workspace's next `position` and, in a conversation, its next `seq`; what a GET
// would answer is worked out from the rows alone, so events and screens can be held against each other. The rules are those
// of `actors/src/conversation/state.rs`, as far as an agent sees them.

export const EPOCH = "9f3c01ab";
const LISTED_MAX = 100;

/** @param {number} n */
export function idOf(n) {
  return `01a1fdfa-4600-7000-8000-${n.toString(16).padStart(12, "0")}`;
}

/** @param {string} text */
function documentOf(text) {
  const content = text.split("\n\n").map((run) => ({ type: "paragraph", content: run === "" ? [] : [{ type: "text", text: run }] }));
  return { type: "doc", content };
}

export class World {
  /** @param {{now_ms?: () => number}} [options] */
  constructor({ now_ms } = {}) {
    this.clock_ms = Date.parse("2026-11-21T09:00:00Z");
    this.now_ms = now_ms ?? (() => (this.clock_ms += 1000));
    this.ids = 0;
    this.agents = [];
    this.contacts = new Map();
    this.conversations = new Map();
    this.messages = new Map();
    this.by_client = new Map();
    this.attachments = new Map();
    this.marks = new Map();
    this.events = [];
    this.tickets = new Map();
    this.listeners = new Set();
  }

  id() {
    this.ids += 1;
    return idOf(this.ids);
  }

  stamp() {
    return new Date(this.now_ms()).toISOString().replace("Z", "000Z");
  }

  get position() {
    return this.events.length;
  }

  agent(name, role = "agent") {
    const agent = { id: this.id(), name, email: `${name.toLowerCase().replace(/\W+/g, ".")}@example.com`, role };
    this.agents.push(agent);
    return agent;
  }

  contact(name, email = null, more = {}) {
    const at = this.stamp();
    const contact = {
      id: this.id(), name, email, phone: null, avatar_url: null, verified: false,
      addresses: [{ kind: "visitor", value: this.id() }, ...(email ? [{ kind: "email", value: email }] : [])],
      custom_attributes: {}, country: null, blocked: false, version: 1, created_at: at, updated_at: at, ...more,
    };
    this.contacts.set(contact.id, contact);
    this.#outside("contact.created", contact);
    return contact;
  }

  begin(contact) {
    const at = this.stamp();
    const row = {
      id: this.id(), channel_id: idOf(0xffff), contact: brief(contact), status: "open", priority: "none", assignee_id: null,
      team_id: null, owner_id: null, labels: [], ticket: null, seq: 0, version: 0, created_at: at, updated_at: at,
    };
    this.conversations.set(row.id, row);
    this.messages.set(row.id, []);
    this.#emit(row, "conversation.created", () => ({ ...row }), at);
    return row.id;
  }

  /** The contact writes. */
  hear(id, text, attachments = []) {
    const row = this.conversations.get(id);
    const resolved = row.status === "resolved";
    if (row.status !== "open") this.#change(row, { status: "open" }, !resolved);
    if (row.ticket === null || resolved) this.#openTicket(row, text);
    const contact = this.contacts.get(row.contact.id);
    return this.#say(row, { type: "visitor", id: contact.id, name: contact.name, avatar_url: null }, "message", "in", text, attachments, null);
  }

  /** An agent writes. Answers `{message}`, or `{unseen}` where the reply is stale. */
  say(agent, id, { text, kind = "message", client_id = null, attachments = [], last_seen_seq = null }) {
    const first = client_id === null ? undefined : this.by_client.get(`${id} ${client_id}`);
    if (first) return { message: first };
    const row = this.conversations.get(id);
    if (kind === "message" && last_seen_seq !== null) {
      const unseen = this.messages.get(id).filter((message) => message.seq > last_seen_seq && message.kind === "message");
      if (unseen.some((message) => message.direction === "out" && message.author.id !== agent.id)) return { unseen };
    }
    const files = attachments.map((file) => (typeof file === "string" ? this.attachments.get(file) : file));
    return { message: this.#say(row, { type: "agent", id: agent.id, name: agent.name, avatar_url: null }, kind, "out", text, files, client_id) };
  }

  change(id, patch) {
    const row = this.conversations.get(id);
    const labels = patch.labels ? { labels: [...new Set(patch.labels)].sort() } : {};
    this.#change(row, { ...patch, ...labels }, true);
    return row;
  }

  /** An agent has read; `agent` null means the contact. */
  read(agent, id, seq) {
    const row = this.conversations.get(id);
    const upto = Math.min(seq, row.seq);
    const key = `${agent?.id ?? "contact"} ${id}`;
    if (upto <= (this.marks.get(key) ?? 0)) return;
    this.marks.set(key, upto);
    for (const message of this.messages.get(id)) {
      if (message.seq <= upto && message.direction === (agent ? "in" : "out") && message.kind === "message" && message.status === "sent") message.status = "read";
    }
    const by = agent ? { type: "agent", id: agent.id } : { type: "visitor", id: row.contact.id };
    this.#emit(row, "conversation.read", () => ({ conversation_id: id, by, seq: upto }), this.stamp());
  }

  /** What became of a message changes. */
  fate(id, message_id, status) {
    const message = this.messages.get(id).find((one) => one.id === message_id);
    message.status = status;
    this.#emit(this.conversations.get(id), "message.status_changed", () => ({ ...message }), this.stamp());
  }

  rename(contact_id, patch) {
    const contact = this.contacts.get(contact_id);
    const changes = differences(contact, patch);
    Object.assign(contact, patch, { version: contact.version + 1, updated_at: this.stamp() });
    this.#outside("contact.updated", { ...contact, changes });
    for (const row of this.conversations.values()) {
      if (row.contact.id === contact_id) this.#change(row, { contact: brief(contact) }, false);
    }
    return contact;
  }

  // What a GET answers

  conversation(agent, id) {
    const row = this.conversations.get(id);
    const said = this.messages.get(id).filter((message) => message.kind === "message");
    const seen = this.marks.get(`${agent.id} ${id}`) ?? 0;
    const unread_count = said.filter((message) => message.direction === "in" && message.seq > seen).length;
    const last = said.at(-1);
    return structuredClone({ ...row, unread_count, last_message: last ?? null });
  }

  list(agent, { status, assignee_id, channel_id, label, sort = "-updated_at", q, limit = 25, cursor = null } = {}) {
    const needle = (q ?? "").toLowerCase();
    const rows = [...this.conversations.values()]
      .filter((row) => !status || row.status === status)
      .filter((row) => !assignee_id || (assignee_id === "none" ? row.assignee_id === null : row.assignee_id === (assignee_id === "me" ? agent.id : assignee_id)))
      .filter((row) => needle === "" || this.#text(row).includes(needle))
      .filter((row) => !channel_id || row.channel_id === channel_id)
      .filter((row) => !label || row.labels.includes(label))
      .sort((one, other) => (keyOf(sort, one) < keyOf(sort, other) ? -1 : 1) * (sort.startsWith("-") ? -1 : 1));
    const is_behind = (row) => (sort.startsWith("-") ? keyOf(sort, row) < cursor : keyOf(sort, row) > cursor);
    const from = cursor === null ? 0 : rows.findIndex(is_behind);
    const page = from === -1 ? [] : rows.slice(from, from + Math.min(limit, LISTED_MAX));
    const last = page.at(-1);
    const more = last !== undefined && rows.at(-1) !== last;
    return { data: page.map((row) => this.conversation(agent, row.id)), next_cursor: more ? keyOf(sort, last) : null };
  }

  page(id, { limit = 50, cursor = null } = {}) {
    const all = this.messages.get(id).filter((message) => cursor === null || message.seq < Number(cursor));
    const page = all.slice(-limit).reverse();
    const more = all.length > page.length;
    return structuredClone({ data: page, next_cursor: more ? String(page.at(-1).seq) : null });
  }

  /** The stored events that a session with these topics sees, as frames without `prev`. */
  after(position, topics) {
    return this.events.slice(position).filter((frame) => sees(topics, frame));
  }

  #say(row, author, kind, direction, text, attachments, client_id) {
    const at = this.stamp();
    const message = {
      id: this.id(), conversation_id: row.id, ticket_id: row.ticket.id, seq: row.seq + 1, kind, direction, author,
      content: documentOf(text), content_text: text, attachments, reactions: [], status: "sent", ...(client_id ? { client_id } : {}), created_at: at,
    };
    this.messages.get(row.id).push(message);
    if (client_id) this.by_client.set(`${row.id} ${client_id}`, message);
    row.updated_at = at;
    this.#emit(row, "conversation.message_created", () => ({ ...message }), at);
    return message;
  }

  #openTicket(row, text) {
    const at = this.stamp();
    const ticket = {
      id: this.id(), number: this.tickets.size + 1, conversation_id: row.id, subject: text.slice(0, 80), status: "open",
      priority: row.priority, contact: row.contact, assignee_id: row.assignee_id, created_at: at, updated_at: at, resolved_at: null,
    };
    this.tickets.set(ticket.id, ticket);
    row.ticket = shown(ticket);
    this.#emit(row, "ticket.created", () => ({ ...ticket }), at);
  }

  #change(row, patch, with_ticket) {
    const changes = differences(row, patch);
    if (Object.keys(changes).length === 0) return;
    const at = this.stamp();
    Object.assign(row, patch, { updated_at: at });
    const ticket = with_ticket && row.ticket ? this.tickets.get(row.ticket.id) : null;
    const ticket_patch = Object.fromEntries(["status", "priority", "assignee_id", "contact"].map((field) => [field, row[field]]));
    const ticket_changes = ticket ? differences(ticket, ticket_patch) : {};
    if (ticket) {
      Object.assign(ticket, ticket_patch, { updated_at: at, resolved_at: row.status === "resolved" ? (ticket.resolved_at ?? at) : null });
      row.ticket = shown(ticket);
    }
    const event = "assignee_id" in changes ? "conversation.assigned" : "conversation.updated";
    this.#emit(row, event, () => ({ ...row, changes }), at);
    if (Object.keys(ticket_changes).length > 0) this.#emit(row, "ticket.updated", () => ({ ...ticket, changes: ticket_changes }), at);
  }

  #emit(row, event, data, at) {
    row.seq += 1;
    row.version = row.seq;
    this.#store({ type: "event", position: this.position + 1, conversation_id: row.id, seq: row.seq, event, data: structuredClone(data()), at });
  }

  #outside(event, contact) {
    this.#store({ type: "event", position: this.position + 1, conversation_id: null, seq: null, event, data: structuredClone(contact), at: this.stamp() });
  }

  #store(frame) {
    this.events.push(frame);
    for (const listener of [...this.listeners]) listener(frame);
  }

  #text(row) {
    const said = this.messages.get(row.id).map((message) => message.content_text);
    return [row.contact.name, row.contact.email, row.ticket?.subject, ...said].join(" ").toLowerCase();
  }
}

const URGENCIES = ["none", "low", "normal", "high", "urgent"];

/** What a list is ordered by, as a text. */
function keyOf(sort, row) {
  const at = sort.endsWith("updated_at") ? row.updated_at : row.created_at;
  const urgency = sort.endsWith("priority") ? URGENCIES.indexOf(row.priority) : "";
  return `${urgency} ${at} ${row.id}`;
}

/** @param {string[]} topics */
export function sees(topics, frame) {
  if (topics.includes(`conversation:${frame.conversation_id}`)) return true;
  return topics.includes("inbox") && !frame.event.startsWith("ticket.");
}

function differences(before, after) {
  const entries = Object.entries(after).filter(([field, to]) => JSON.stringify(before[field]) !== JSON.stringify(to));
  return Object.fromEntries(entries.map(([field, to]) => [field, { from: before[field], to }]));
}

function shown({ id, number, subject, status }) {
  return { id, number, subject, status };
}

function brief({ id, name, email, avatar_url }) {
  return { id, name, email, avatar_url };
}

// The simulator's page: the customer's phone, what is pasted into Switchboard, what goes wrong, and what went over the wire.
//
// Everything it shows comes from one request that waits for news (`/simulator/state`); everything it does is one request to the control API.
// Text is set as text and never as markup.

/** Every sentence that this file shows. */
const WORDS = {
  accepted: "taken", sent: "sent", delivered: "delivered", read: "read", failed: "failed",
  heeded: (/** @type {any} */ who) => `The business said ${who.read_marks} × that it has read, ${who.typing_signals} × that it is typing`,
  heard: "Switchboard has it", waiting: "on its way to Switchboard", seen: "read by the business",
  empty: "Nothing yet. Write as the customer below, and watch it arrive in the console.",
  gone: "taken back", edited: "edited", missing: "a message that is not here",
  copy: "Copy", copied: "Copied", reply: "Reply", edit: "Edit", remove: "Take back", picture: "A picture or file…", sample: "A sample picture",
  live: "live", away: "the simulator is away", change: "What it says now",
  open: (/** @type {string} */ left) => `Reply window open for ${left}`,
  closed: "Reply window closed: the business cannot answer freely",
  never: "Reply window not open: this customer has not written yet",
  opted: "This customer said STOP",
  verified: "Verified", notVerified: (/** @type {unknown} */ why) => `Not verified: ${why}`,
  address: "Address", vendor: "Vendor", attempt: (/** @type {number} */ n) => `attempt ${n}`, again: (/** @type {number} */ s) => `again in ${s} s`,
  none: "no answer", sentBody: "Sent", answered: "Answer", injected: (/** @type {any} */ f) => `${f.code}, ${f.times} ×, ${{ answer: "in the answer", status: "as a status", mark: "to a read mark or typing" }[/** @type {"answer" | "status" | "mark"} */ (f.when)]}`,
};

/** @type {Record<string, string>} */
const WAY_TO_BUSINESS = { accepted: WORDS.waiting, sent: WORDS.waiting, delivered: WORDS.heard, read: WORDS.seen, failed: WORDS.failed };
/** @type {Record<string, string>} */
const WAY_TO_CUSTOMER = { accepted: WORDS.accepted, sent: WORDS.sent, delivered: WORDS.delivered, read: WORDS.read, failed: WORDS.failed };

/** What each switch does: name and explanation. @type {Record<string, [string, string]>} */
const SWITCHES = {
  rate_limit: ["Rate limit", "Every send is refused as one too many"],
  window_closed: ["Closed window", "Free text fails as if the customer had not written for days"],
  token_expired: ["Expired token", "Every call is refused for its token"],
  slow: ["Slow answers", "Every answer to Switchboard comes late"],
  lost_answers: ["Lost answers", "Sends are done, and the connection breaks before the answer"],
  receipts_first: ["Receipts first", "Receipts arrive before the answer to the send"],
  duplicate: ["Duplicates", "Every notification comes twice"],
  reorder: ["Wrong order", "Notifications overtake each other"],
  batch: ["Batches", "Notifications are gathered and come as one"],
  unsigned: ["Unsigned", "Notifications come without a signature"],
  wrong_signature: ["Wrong signature", "Notifications are signed with another secret"],
  redeliver: ["Redeliver", "What is not answered well is sent again"],
};
const EMOJI = ["👍", "❤️", "😂", "😮", "🙏"];
/** @type {Record<string, string>} */
const TICKS = { accepted: "◷", sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" };

/** @type {any} */ let state = null;
const own = { customer: /** @type {string | null} */ (null), tools: /** @type {string | null} */ (null), quoting: /** @type {string | null} */ (null), open: new Set(), shown: "", near: true };
const stop = new AbortController();
addEventListener("pagehide", () => stop.abort());

const by = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * An element with its attributes and content.
 * @param {string} name @param {Record<string, any>} [attributes] @param {...(Node | string | null)} content
 */
function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...content.filter((item) => item !== null));
  return element;
}

/** Calls the control API. @param {string} method @param {string} path @param {unknown} [body] */
async function ask(method, path, body) {
  const options = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(`/simulator/${path}`, { method, signal: stop.signal, ...options });
  const answer = response.status === 204 || response.status === 202 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Error(answer?.error ?? `${response.status}`);
  return answer;
}

/** Does something and shows what went wrong, if anything did. @param {() => Promise<unknown>} deed */
async function attempt(deed) {
  const problem = by("problem");
  problem.hidden = true;
  try {
    await deed();
  } catch (error) {
    if (stop.signal.aborted) return;
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  }
}

const act = (/** @type {object} */ what) => ask("POST", `customers/${encodeURIComponent(state.customer)}/acts`, what);

/** Reads the state for ever, waiting at the simulator for news. */
async function follow() {
  let version = 0;
  while (!stop.signal.aborted) {
    try {
      const customer = own.customer === null ? "" : `&customer=${encodeURIComponent(own.customer)}`;
      const wait = state === null || own.customer !== state.customer && own.customer !== null ? 0 : 20;
      const fresh = await ask("GET", `state?after=${wait === 0 ? 0 : version}&wait=${wait}${customer}`);
      version = fresh.version;
      state = fresh;
      if (own.customer === null) own.customer = fresh.customer;
      show();
      link(true);
    } catch {
      if (stop.signal.aborted) return;
      link(false);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** @param {boolean} live */
function link(live) {
  const chip = by("link");
  chip.textContent = live ? WORDS.live : WORDS.away;
  chip.className = live ? "chip good" : "chip bad";
}

const initials = (/** @type {string} */ name) => name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();
const clock = (/** @type {number} */ ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function show() {
  const { profile } = state;
  document.documentElement.dataset.provider = profile.name;
  document.title = `${profile.title} simulator`;
  by("title").textContent = profile.title;
  showPeople();
  showWho();
  showMessages();
  showConnect();
  showFailures();
  showWire();
}

/** Puts new content in place only where it differs, so that focus and selection stay. @param {HTMLElement} at @param {string} key @param {() => (Node | string)[]} content */
function put(at, key, content) {
  if (at.dataset.key === key) return false;
  at.dataset.key = key;
  at.replaceChildren(...content());
  return true;
}

function showPeople() {
  put(by("customers"), JSON.stringify([state.customers.map((/** @type {any} */ c) => [c.key, c.name, c.last_text]), state.customer]), () =>
    state.customers.map((/** @type {any} */ customer) =>
      make("li", {}, make("button", { type: "button", "aria-current": customer.key === state.customer, onclick: () => choose(customer.key) },
        make("span", { class: "avatar", "aria-hidden": true }, initials(customer.name)), make("strong", {}, customer.name),
        make("span", {}, customer.last_text || customer.address)))));
}

/** @param {string} key */
function choose(key) {
  own.customer = key;
  own.tools = own.quoting = null;
  own.shown = "";
  void attempt(async () => {
    state = await ask("GET", `state?customer=${encodeURIComponent(key)}`);
    show();
  });
}

/** A span of time in words. @param {number} seconds */
function span(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 48 ? `${Math.floor(hours / 24)} days` : hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`;
}

function showWho() {
  const who = state.customers.find((/** @type {any} */ customer) => customer.key === state.customer);
  if (!who) return;
  by("who-avatar").textContent = initials(who.name);
  by("who-name").textContent = who.name;
  by("who-address").textContent = who.address;
  for (const button of by("phone-state").querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.phone === who.phone));
  const badge = by("window");
  const secs = state.profile.window_secs;
  const left = who.last_wrote_ms === null || secs === null ? null : secs - (state.now_ms - who.last_wrote_ms) / 1000;
  const closed = left !== null && left < 0 || state.switches.includes("window_closed") && secs !== null;
  badge.className = closed || who.opted_out ? "window closed" : "window";
  badge.textContent = who.opted_out ? WORDS.opted : secs === null ? "" : closed ? WORDS.closed : left === null ? WORDS.never : WORDS.open(span(left));
  by("heeded").hidden = who.read_marks + who.typing_signals === 0;
  by("heeded").textContent = WORDS.heeded(who);
  by("typing").hidden = who.typing_until_ms <= state.now_ms;
}

/** So near to the end counts as the end; a list that is not on the screen is where it was. @param {HTMLElement} list */
const nearEnd = (list) => list.clientHeight === 0 ? own.near : list.scrollHeight - list.scrollTop - list.clientHeight < 80;

function showMessages() {
  const list = by("messages");
  const key = JSON.stringify([state.customer, state.messages, own.tools]);
  if (key === own.shown) return;
  const near = own.shown === "" || own.near;
  own.shown = key;
  own.near = near;
  const messages = state.messages ?? [];
  const empty = make("li", { class: "empty" }, WORDS.empty);
  list.replaceChildren(...(messages.length === 0 ? [empty] : messages.map(showMessage)));
  if (near) list.scrollTop = list.scrollHeight;
}

/** @param {any} message */
function showMessage(message) {
  const mine = message.from === "customer";
  const quoted = message.reply_to === null ? null : state.messages.find((/** @type {any} */ other) => other.id === message.reply_to);
  const label = (mine ? WAY_TO_BUSINESS : WAY_TO_CUSTOMER)[message.status];
  const ticks = make("span", { class: `ticks ${message.status}`, role: "img", "aria-label": label, title: label }, TICKS[message.status] ?? "");
  const failed = message.error === null ? null : make("span", { class: "fail" }, message.error);
  const body = message.deleted
    ? [make("p", { class: "gone" }, WORDS.gone)]
    : [...message.files.map(showFile), message.text === "" ? null : make("p", {}, message.text)];
  const bubble = make("div", { class: "bubble", tabindex: 0, role: "button", "aria-expanded": own.tools === message.id, onclick: () => tools(message.id),
    onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter" && event.target === event.currentTarget) tools(message.id); } },
    message.author === "" ? null : make("span", { class: "by" }, message.author),
    message.reply_to === null ? null : make("div", { class: "quote" }, quoted?.text || WORDS.missing),
    ...body,
    make("div", { class: "foot" }, message.edited ? make("span", {}, WORDS.edited) : null, failed, make("time", {}, clock(message.at_ms)), ticks));
  const emoji = message.reactions.map((/** @type {any} */ reaction) => make("span", { title: reaction.by }, reaction.emoji));
  return make("li", { class: message.from, "data-id": message.id, "data-status": message.status }, bubble,
    emoji.length === 0 ? null : make("div", { class: "reactions" }, ...emoji),
    message.buttons.length === 0 ? null : make("div", { class: "presses" }, ...message.buttons.map((/** @type {any} */ button) => showButton(message, button))),
    own.tools === message.id && !message.deleted ? showTools(message, mine) : null);
}

/** @param {any} file */
function showFile(file) {
  const source = file.file_id === null ? file.link : `/simulator/files/${encodeURIComponent(file.file_id)}`;
  const kind = file.mime.split("/")[0] || file.kind;
  const name = file.name || file.kind;
  if (!/^(https?:|\/simulator\/)/.test(source ?? "")) return make("span", {}, name);
  if (kind === "image" || file.kind === "image" || file.kind === "sticker") {
    // A picture takes its room only when it is there; who reads the newest message goes on seeing it.
    const list = by("messages");
    return make("img", { src: source, alt: name, onload: () => { if (own.near) list.scrollTop = list.scrollHeight; } });
  }
  if (kind === "audio" || kind === "video") return make(kind, { src: source, controls: true, preload: "none" });
  return make("a", { href: source, rel: "noopener noreferrer", target: "_blank" }, `📄 ${name}`);
}

/** @param {any} message @param {any} button */
function showButton(message, button) {
  if (button.url !== null) return /^https?:/.test(button.url) ? make("a", { href: button.url, rel: "noopener noreferrer", target: "_blank" }, button.title) : make("span", {}, button.title);
  return make("button", { type: "button", onclick: () => attempt(() => act({ do: "press", message_id: message.id, button_id: button.id })) }, button.title);
}

/** @param {any} message @param {boolean} mine */
function showTools(message, mine) {
  const { can } = state.profile;
  const has = (/** @type {string} */ emoji) => message.reactions.some((/** @type {any} */ r) => r.by === "customer" && r.emoji === emoji);
  const done = (/** @type {object} */ what) => attempt(async () => { own.tools = null; await act(what); });
  const tool = (/** @type {string} */ label, /** @type {() => void} */ deed) => make("button", { type: "button", onclick: deed }, label);
  return make("div", { class: "tools" },
    ...(can.react ? EMOJI.map((emoji) => tool(emoji, () => done({ do: "react", message_id: message.id, emoji: has(emoji) ? "" : emoji }))) : []),
    can.reply ? tool(WORDS.reply, () => { own.quoting = message.id; own.tools = null; own.shown = ""; showQuote(); showMessages(); by("text").focus(); }) : null,
    mine && can.edit && message.kind === "text" ? tool(WORDS.edit, () => { const text = prompt(WORDS.change, message.text); if (text) void done({ do: "edit", message_id: message.id, text }); }) : null,
    mine && can.delete ? tool(WORDS.remove, () => done({ do: "delete", message_id: message.id })) : null);
}

/** @param {string} id */
function tools(id) {
  own.tools = own.tools === id ? null : id;
  showMessages();
}

function showQuote() {
  const quoting = by("quoting");
  const message = state.messages.find((/** @type {any} */ other) => other.id === own.quoting);
  quoting.hidden = !message;
  /** @type {HTMLElement} */ (quoting.firstElementChild).textContent = message ? message.text || message.kind : "";
}

/** Text with a button that copies it. @param {string} text */
function copyable(text) {
  const button = make("button", { type: "button", onclick: () => attempt(async () => { await navigator.clipboard.writeText(text); button.textContent = WORDS.copied; }) }, WORDS.copy);
  return [make("code", {}, text), button];
}

function showConnect() {
  const start = `switchboard serve --demo --provider-base-url ${state.profile.name}=${state.own_url}`;
  put(by("start-line"), start, () => copyable(start));
  put(by("hook"), state.hook_url, () => copyable(state.hook_url));
  const vendor = state.profile.vendor === null ? [] : [{ name: WORDS.vendor, value: state.profile.vendor }];
  const rows = [{ name: WORDS.address, value: state.account }, ...vendor, ...state.credentials];
  put(by("credentials"), JSON.stringify(rows), () => rows.map(({ name, value }) => make("div", {}, make("dt", {}, name), make("dd", { class: "copyable" }, ...copyable(value)))));
  by("handshake-row").hidden = !["whatsapp", "messenger", "slack"].includes(state.profile.name);
  put(by("extra-list"), state.profile.name, () => [
    make("button", { type: "button", onclick: () => { shut(); by("file").click(); } }, WORDS.picture),
    make("button", { type: "button", onclick: () => { shut(); void attempt(sample); } }, WORDS.sample),
    ...state.profile.extras.map((/** @type {any} */ extra) =>
      make("button", { type: "button", "data-extra": extra.name, onclick: () => { shut(); void attempt(() => act({ do: "extra", name: extra.name })); } }, extra.label))]);
}

const shut = () => by("extras").removeAttribute("open");

function showFailures() {
  put(by("switches"), state.profile.name, () => state.profile.switches.map((/** @type {string} */ name) =>
    make("label", { class: name === "redeliver" ? "switch usual" : "switch" },
      make("input", { type: "checkbox", role: "switch", name, onchange: (/** @type {any} */ event) => attempt(() => ask("PATCH", "switches", { [name]: event.target.checked })) }),
      make("span", {}, SWITCHES[name]?.[0] ?? name), make("small", {}, SWITCHES[name]?.[1] ?? ""))));
  for (const box of by("switches").querySelectorAll("input")) box.checked = state.switches.includes(box.name);
  const on = state.switches.filter((/** @type {string} */ name) => name !== "redeliver").length + state.failures.length;
  by("failing").hidden = on === 0;
  by("failing").textContent = String(on);
  put(by("codes"), state.profile.name, () => state.profile.faults.map((/** @type {any} */ fault) => make("option", { value: fault.code }, `${fault.code} ${fault.title}`)));
  put(by("injected"), JSON.stringify(state.failures), () => state.failures.map((/** @type {any} */ failure) => make("li", {}, WORDS.injected(failure))));
  by("clear").hidden = state.failures.length === 0;
  by("time-box").hidden = state.profile.window_secs === null;
}

/** JSON with line breaks where it is JSON. @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}

function showWire() {
  const lines = [
    ...state.deliveries.map((/** @type {any} */ d) => ({ ...d, out: true, what: d.about, note: [d.attempt > 1 ? WORDS.attempt(d.attempt) : "", d.status === null ? d.answer : "", d.again_in_ms === null ? "" : WORDS.again(Math.ceil(d.again_in_ms / 1000))] })),
    ...state.calls.map((/** @type {any} */ c) => ({ ...c, out: false, what: `${c.method} ${c.path}`, note: [] })),
  ].sort((a, b) => b.at_ms - a.at_ms).slice(0, 80);
  put(by("wire"), JSON.stringify(lines.map((line) => [line.at_ms, line.what, line.status, line.attempt, line.again_in_ms])), () => lines.map((line) => {
    const id = `${line.at_ms} ${line.what} ${line.attempt ?? ""}`;
    const good = line.status !== null && line.status < 400;
    const parts = [line.body === "" ? null : make("pre", {}, `${WORDS.sentBody}\n${pretty(line.body)}`), line.answer === "" ? null : make("pre", {}, `${WORDS.answered}\n${pretty(line.answer)}`)];
    const time = new Date(line.at_ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    return make("li", {}, make("details", { open: own.open.has(id), ontoggle: (/** @type {any} */ event) => { if (event.target.open) own.open.add(id); else own.open.delete(id); } },
      make("summary", {}, make("span", { "aria-hidden": true }, line.out ? "↗" : "↙"), make("span", { class: "what" }, line.what),
        make("span", { class: good ? "code" : "code bad" }, line.status === null ? "✕" : String(line.status)),
        make("span", { class: "when" }, [time, ...line.note.filter((/** @type {string} */ note) => note !== "")].join(" · "))), ...parts));
  }));
}

/** Hands a file over and sends it with the text that stands there. @param {Blob} blob @param {string} name */
async function sendFile(blob, name) {
  const box = /** @type {HTMLTextAreaElement} */ (by("text"));
  const response = await fetch(`/simulator/files?name=${encodeURIComponent(name)}`, { method: "POST", body: blob, signal: stop.signal, headers: { "content-type": blob.type || "application/octet-stream" } });
  if (!response.ok) throw new Error(`${response.status}`);
  const { file_id } = await response.json();
  await act({ do: "write", text: box.value.trim(), file_id, reply_to: own.quoting });
  box.value = "";
  own.quoting = null;
  showQuote();
}

/** Draws a picture and sends it. */
async function sample() {
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas", { width: 640, height: 420 }));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const sky = pen.createLinearGradient(0, 0, 0, 420);
  sky.addColorStop(0, `hsl(${Math.floor(Math.random() * 360)} 70% 70%)`);
  sky.addColorStop(1, "hsl(35 80% 80%)");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, 640, 420);
  pen.fillStyle = "#fff6";
  for (let ring = 0; ring < 4; ring += 1) { pen.beginPath(); pen.arc(470, 120, 40 + ring * 28, 0, 7); pen.fill(); }
  pen.fillStyle = "#2b4a3f";
  pen.beginPath(); pen.moveTo(0, 420); pen.lineTo(180, 210); pen.lineTo(330, 350); pen.lineTo(450, 260); pen.lineTo(640, 420); pen.fill();
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  await sendFile(/** @type {Blob} */ (blob), "holiday.png");
}

/** @param {string} view */
function go(view) {
  document.body.dataset.pane = view;
  if (view !== "chat") document.body.dataset.side = view;
  for (const button of document.querySelectorAll("[data-go]")) {
    const wanted = /** @type {HTMLElement} */ (button).dataset.go;
    const current = button.closest(".panes") ? wanted === view : wanted === (document.body.dataset.side ?? "connect");
    button.setAttribute("aria-current", String(current));
  }
}

for (const button of document.querySelectorAll("[data-go]")) button.addEventListener("click", () => go(/** @type {HTMLElement} */ (button).dataset.go ?? "chat"));
for (const button of document.querySelectorAll("[data-phone]"))
  button.addEventListener("click", () => attempt(() => ask("POST", `customers/${encodeURIComponent(state.customer)}/phone`, { phone: /** @type {HTMLElement} */ (button).dataset.phone })));
for (const button of document.querySelectorAll("[data-age]"))
  button.addEventListener("click", () => attempt(() => ask("POST", `customers/${encodeURIComponent(state.customer)}/age`, { seconds: Number(/** @type {HTMLElement} */ (button).dataset.age) })));

// Whoever reads the newest message goes on seeing it: also when the phone's keyboard comes, or another view has lain above.
const list = by("messages");
list.addEventListener("scroll", () => { own.near = nearEnd(list); }, { passive: true, signal: stop.signal });
const grown = new ResizeObserver(() => { if (own.near) list.scrollTop = list.scrollHeight; });
grown.observe(list);
stop.signal.addEventListener("abort", () => grown.disconnect());

by("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const box = /** @type {HTMLTextAreaElement} */ (by("text"));
  const text = box.value.trim();
  if (text === "" || state === null) return;
  void attempt(async () => {
    await act({ do: "write", text, reply_to: own.quoting });
    box.value = "";
    own.quoting = null;
    showQuote();
    by("messages").scrollTop = by("messages").scrollHeight;
  });
});
by("text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  /** @type {HTMLFormElement} */ (by("composer")).requestSubmit();
});
by("file").addEventListener("change", () => {
  const input = /** @type {HTMLInputElement} */ (by("file"));
  const file = input.files?.[0];
  if (file) void attempt(() => sendFile(file, file.name)).then(() => { input.value = ""; });
});
by("quoting").querySelector("button")?.addEventListener("click", () => { own.quoting = null; showQuote(); });
by("add-customer").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const given = new FormData(form);
  void attempt(async () => {
    const made = await ask("POST", "customers", { name: given.get("name"), address: given.get("address") || null });
    form.reset();
    by("new-customer").removeAttribute("open");
    choose(made.key);
  });
});
by("inject").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
  void attempt(() => ask("POST", "failures", { code: given.get("code"), times: Number(given.get("times")), when: given.get("when") }));
});
by("clear").addEventListener("click", () => attempt(() => ask("DELETE", "failures")));
by("handshake").addEventListener("click", () => attempt(async () => {
  const said = await ask("POST", "handshake");
  by("handshake-said").textContent = said.verified ? WORDS.verified : WORDS.notVerified(said.status ?? said.answer);
}));
document.addEventListener("click", (event) => {
  if (event.target instanceof Node && !by("extras").contains(event.target)) shut();
});
// Windows close and typing ends without any news from the simulator.
const ticking = setInterval(() => { if (state) { state.now_ms += 1000; showWho(); } }, 1000);
stop.signal.addEventListener("abort", () => clearInterval(ticking));

go("chat");
void follow();

// A module, so that nothing here is global.
export {};

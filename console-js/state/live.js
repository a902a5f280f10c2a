// What is true only for a moment: who types, who looks, who is there.
//
// Guarantees: a typist disappears when it says so, when its message arrives, or after six seconds of silence; I am never among
// those who type or look. Nothing here survives a lost socket.

/** @typedef {import("./model.js").State} State */

/** How long a "typing" holds without being repeated. */
export const TYPING_HOLDS_MS = 6000;

/**
 * @param {State} state
 * @param {import("../net/wire.js").TypingFrame} frame
 * @param {number} now_ms
 * @returns {State}
 */
export function applyTyping(state, frame, now_ms) {
  const { author, conversation_id: id } = frame;
  if (author.type === "agent" && author.id === state.me.id) return state;
  const others = (state.typing[id] ?? []).filter((typist) => typist.type !== author.type || typist.id !== author.id);
  const typists = frame.on ? [...others, { ...author, until_ms: now_ms + TYPING_HOLDS_MS }] : others;
  return withTypists(state, id, typists);
}

/**
 * @param {State} state
 * @param {number} now_ms
 * @returns {State}
 */
export function expireTyping(state, now_ms) {
  let next = state;
  for (const [id, typists] of Object.entries(state.typing)) {
    const left = typists.filter((typist) => typist.until_ms > now_ms);
    if (left.length < typists.length) next = withTypists(next, id, left);
  }
  return next;
}

/**
 * Whoever has just said something no longer types it.
 * @param {State} state
 * @param {import("../net/wire.js").Message} message
 * @returns {State}
 */
export function stopTyping(state, message) {
  const typists = state.typing[message.conversation_id];
  if (!typists) return state;
  const { type, id } = message.author;
  // A visitor is known by its conversation: some channels do not say which of its ids it types with.
  const left = typists.filter((typist) => typist.type !== type || (type !== "visitor" && typist.id !== id));
  return left.length === typists.length ? state : withTypists(state, message.conversation_id, left);
}

/**
 * @param {State} state
 * @param {import("../net/wire.js").ViewersFrame} frame
 * @returns {State}
 */
export function applyViewers(state, frame) {
  const others = frame.agents.filter((agent) => agent.id !== state.me.id);
  return { ...state, viewers: { ...state.viewers, [frame.conversation_id]: others } };
}

/**
 * @param {State} state
 * @param {import("../net/wire.js").PresenceFrame} frame
 * @returns {State}
 */
export function applyPresence(state, frame) {
  const changed = Object.fromEntries(frame.agents.map((agent) => [agent.id, agent.status]));
  const told = Object.fromEntries(frame.agents.map(({ id }) => [id, (state.presence_told[id] ?? 0) + 1]));
  return { ...state, presence: { ...state.presence, ...changed }, presence_told: { ...state.presence_told, ...told } };
}

/**
 * @param {State} state
 * @param {string} id
 * @param {import("./model.js").Typist[]} typists
 * @returns {State}
 */
function withTypists(state, id, typists) {
  const { [id]: _before, ...typing } = state.typing;
  return { ...state, typing: typists.length > 0 ? { ...typing, [id]: typists } : typing };
}

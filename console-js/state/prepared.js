// What is prepared for the inbox: canned responses that are written by a short name, labels with their colours, saved views.
//
// Guarantees: pure; what is one's own stands before what is everybody's; a placeholder that nobody can fill leaves no hole in the sentence
// unseen: it stays as it is. Start reading at `slashAt` and `fillIn`.

/** @typedef {import("./model.js").State} State */
/** @typedef {import("../net/prepared-wire.js").CannedResponse} CannedResponse */
/** @typedef {import("../net/prepared-wire.js").WorkspaceLabel} WorkspaceLabel */
/** @typedef {import("../net/prepared-wire.js").SavedView} SavedView */
/** @typedef {{labels: WorkspaceLabel[], "canned-responses": CannedResponse[], views: SavedView[], macros: import("../net/prepared-wire.js").Macro[], teams: import("../net/prepared-wire.js").Team[]}} Prepared */

/** @type {Prepared} */
export const NOTHING_PREPARED = { labels: [], "canned-responses": [], views: [], macros: [], teams: [] };

/** More are not offered at once; typing narrows them. */
export const CANNED_SHOWN_MAX = 8;
export const SHORTCUT_CHARS_MAX = 32;
const SHORTCUT = /^[a-z0-9][a-z0-9_-]*$/;
/** What a new label may look like, one after the other. */
const COLOURS = ["#2f6fde", "#1d7f4a", "#b3261e", "#9a5b00", "#7350a8", "#0f7c86", "#c2417c", "#5a6374"];
export const PLACEHOLDERS = /** @type {const} */ (["contact.name", "contact.first_name", "agent.name", "agent.first_name"]);

/**
 * What stands before the caret as a shortcut: a slash at the beginning of a line, and what was typed after it.
 * @param {string} text
 * @param {number} caret
 * @returns {{from: number, typed: string}|null}
 */
export function slashAt(text, caret) {
  const line = text.lastIndexOf("\n", caret - 1) + 1;
  const found = /^\s*\/([\p{L}\p{N}_-]*)$/u.exec(text.slice(line, caret));
  return found ? { from: text.lastIndexOf("/", caret - 1), typed: found[1] ?? "" } : null;
}

/**
 * The canned responses that what was typed may mean: those whose shortcut begins so first, then those that have it in their name.
 * @param {readonly CannedResponse[]} all
 * @param {string} typed
 * @returns {CannedResponse[]}
 */
export function cannedFor(all, typed) {
  const wanted = typed.toLocaleLowerCase();
  const rank = (/** @type {CannedResponse} */ { shortcut, name }) => (shortcut === wanted ? 0 : shortcut.startsWith(wanted) ? 1 : `${shortcut} ${name}`.toLocaleLowerCase().includes(wanted) ? 2 : 3);
  return all
    .filter((one) => rank(one) < 3)
    .sort((one, other) => rank(one) - rank(other) || Number(one.owner_id === null) - Number(other.owner_id === null) || one.shortcut.localeCompare(other.shortcut))
    .slice(0, CANNED_SHOWN_MAX);
}

/**
 * The text with its placeholders filled in. Of a contact whose name nobody knows the placeholder stays, to be seen and mended.
 * @param {string} text
 * @param {{contact: import("../net/wire.js").ContactBrief|null, agent: {name: string}}} who
 */
export function fillIn(text, { contact, agent }) {
  const name = contact?.name ?? null;
  /** @type {Record<typeof PLACEHOLDERS[number], string|null>} */
  const values = { "contact.name": name, "contact.first_name": firstName(name), "agent.name": agent.name, "agent.first_name": firstName(agent.name) };
  return text.replace(/\{\{\s*([a-z._]+)\s*\}\}/g, (whole, wanted) => {
    const known = PLACEHOLDERS.find((placeholder) => placeholder === wanted);
    return (known === undefined ? null : values[known]) ?? whole;
  });
}

/** @param {string|null} name */
function firstName(name) {
  return name?.trim().split(/\s+/)[0] || null;
}

/** @param {string} shortcut */
export function isShortcut(shortcut) {
  return SHORTCUT.test(shortcut) && shortcut.length <= SHORTCUT_CHARS_MAX;
}

/** @type {WeakMap<readonly WorkspaceLabel[], Record<string, string>>} */
const COLOURED = new WeakMap();

/** The colour of each label that has one; the same object as long as the labels are the same. @param {readonly WorkspaceLabel[]} labels @returns {Record<string, string>} */
export function coloursOf(labels) {
  const known = COLOURED.get(labels);
  if (known) return known;
  const colours = Object.fromEntries(labels.map(({ name, color }) => [name, color]));
  COLOURED.set(labels, colours);
  return colours;
}

/** A colour that no label has yet, as long as there are such. @param {readonly WorkspaceLabel[]} labels */
export function freshColour(labels) {
  return COLOURS.find((colour) => labels.every(({ color }) => color !== colour)) ?? COLOURS[labels.length % COLOURS.length] ?? "#2f6fde";
}

/** Whether a member may change something: one's own always, what is everybody's only who may change the workspace. @param {{owner_id?: string|null}} thing @param {boolean} may_share */
export function mayChange({ owner_id = null }, may_share) {
  return owner_id !== null || may_share;
}

/** One's own first, each by name. @template {{name: string, owner_id?: string|null}} T @param {readonly T[]} things @returns {T[]} */
export function ownFirst(things) {
  const shared = (/** @type {T} */ { owner_id = null }) => Number(owner_id === null);
  return [...things].sort((one, other) => shared(one) - shared(other) || one.name.localeCompare(other.name));
}

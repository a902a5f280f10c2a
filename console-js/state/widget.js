// What the widget's page reckons: its form, what of it is sent, the questions before the chat, and the code for a site.
//
// Guarantees: pure. What the page does not show of a theme (a site may keep more in it) stays when the theme is sent.

/** @typedef {import("../net/channel-wire.js").Channel} Channel */
/** @typedef {import("../net/settings-wire.js").WidgetSettings} WidgetSettings */
/** @typedef {import("../net/settings-wire.js").Question} Question */
/**
 * What stands in the form.
 * @typedef {{name: string, color: string, position: string, header: string, origins: string[], questions: Question[], files: boolean,
 *   identity: boolean}} WidgetForm
 */

/** What the widget draws where nobody chose. */
export const COLOR = "#1f5eff";
export const POSITIONS = /** @type {const} */ (["bottom-right", "bottom-left"]);
export const QUESTION_TYPES = /** @type {const} */ (["text", "email", "phone", "textarea"]);
/** What the server takes (src/http/channels/settings.rs). */
export const QUESTIONS_MAX = 20;
export const ORIGINS_MAX = 100;
export const QUESTION_NAME_CHARS_MAX = 64;

/** @param {Channel} channel @returns {WidgetSettings} */
export function settingsOf({ settings }) {
  return { theme: {}, header_text: "", allowed_origins: [], pre_chat_form: [], allow_file_uploads: false, .../** @type {any} */ (settings) };
}

/** @param {Channel} channel @returns {WidgetForm} */
export function widgetForm(channel) {
  const { theme, header_text, allowed_origins, pre_chat_form, allow_file_uploads, identity } = settingsOf(channel);
  const { primaryColor, position } = theme;
  return {
    name: channel.name,
    color: typeof primaryColor === "string" ? (fullColor(primaryColor) ?? COLOR) : COLOR,
    position: typeof position === "string" ? position : POSITIONS[0],
    header: header_text,
    origins: allowed_origins,
    questions: pre_chat_form.map(({ name, label, type, required }) => ({ name, label, type, required: required === true })),
    files: allow_file_uploads,
    identity: identity?.required === true,
  };
}

/**
 * What the server is asked to change; null if nothing is.
 * @param {Channel} channel
 * @param {WidgetForm} form
 * @returns {{name?: string, settings?: Record<string, unknown>}|null}
 */
export function widgetChanges(channel, form) {
  const before = widgetForm(channel);
  const differs = (/** @type {keyof WidgetForm} */ name) => JSON.stringify(before[name]) !== JSON.stringify(form[name]);
  const settings = {
    ...(differs("color") || differs("position") ? { theme: { ...settingsOf(channel).theme, primaryColor: form.color, position: form.position } } : {}),
    ...(differs("header") ? { header_text: form.header } : {}),
    ...(differs("origins") ? { allowed_origins: form.origins } : {}),
    ...(differs("questions") ? { pre_chat_form: form.questions } : {}),
    ...(differs("files") ? { allow_file_uploads: form.files } : {}),
    ...(differs("identity") ? { identity: { required: form.identity } } : {}),
  };
  const changes = { ...(differs("name") ? { name: form.name } : {}), ...(Object.keys(settings).length > 0 ? { settings } : {}) };
  return Object.keys(changes).length > 0 ? changes : null;
}

/** A colour as `#rrggbb`; null if it is none. @param {string} text */
export function fullColor(text) {
  const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1]?.toLowerCase();
  if (!digits) return null;
  return `#${digits.length === 3 ? digits.replace(/./g, "$&$&") : digits}`;
}

/**
 * The list with the item at `from` one place further up (-1) or down (1); the same list where it cannot go.
 * @template I
 * @param {I[]} list
 * @param {number} from
 * @param {-1|1} step
 * @returns {I[]}
 */
export function moved(list, from, step) {
  const to = from + step;
  const item = list[from];
  const other = list[to];
  if (item === undefined || other === undefined) return list;
  return list.map((kept, place) => (place === to ? item : place === from ? other : kept));
}

/**
 * The name under which an answer is kept, as its question suggests it; none of `taken`.
 * @param {string} label
 * @param {string[]} taken
 */
export function questionName(label, taken) {
  const words = label.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const first = words.join("_").slice(0, QUESTION_NAME_CHARS_MAX - 4) || "question";
  if (!taken.includes(first)) return first;
  let count = 2;
  while (taken.includes(`${first}_${count}`)) count += 1;
  return `${first}_${count}`;
}

/** Whether the server takes it as a question's name. @param {string} name */
export function isQuestionName(name) {
  return /^[A-Za-z0-9_-]+$/.test(name) && name.length <= QUESTION_NAME_CHARS_MAX;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/**
 * What a site puts into its pages.
 * @param {string} origin where this server is
 * @param {string} api_key
 */
export function embedCode(origin, api_key) {
  return `<script async src="${escaped(origin)}/widget/v1/loader.js" data-api-key="${escaped(api_key)}"></script>`;
}

/** The same with who is signed in on the site. @param {string} origin @param {string} api_key */
export function identifyCode(origin, api_key) {
  return [
    "<script>",
    "  window.Switchboard = window.Switchboard || [];",
    "  Switchboard.push(['identify', {identifier: 'user-81', identifier_hash: '…', name: 'Jane Doe'}]);",
    "</script>",
    embedCode(origin, api_key),
  ].join("\n");
}

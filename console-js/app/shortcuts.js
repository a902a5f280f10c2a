// Every shortcut, in one table: what binds them (app/keyboard.js) and the sheet that lists them (view/dialogs.js) both read it.
//
// Guarantees: nothing at run time but the table and how a key press is read. A letter stands for its key on the keyboard, so that it works
// on keyboards of other scripts and with the caps lock on; a capital means Shift.

/**
 * @typedef {"next"|"previous"|"open"|"open_next"|"open_previous"|"newer"|"search"|"find"|"views"|"any_view"|"reply"|"note"|"canned"|"first_unread"|"latest"|"details"
 *   |"resolve"|"snooze"|"assign"|"assign_me"|"label"|"priority"|"macro"|"trash"|"restore"|"select"|"select_to"|"select_all"|"help"|"escape"} Command
 * @typedef {"move"|"read"|"change"|"write"|"select"|"page"} Group
 * @typedef {{group: Group, keys: readonly string[], command: Command|null, what: import("../locale/index.js").Key, shown?: readonly string[]}} Shortcut
 * `command` is null where the field itself knows the key; `shown` is how the keys are written where their names do not do.
 */

/** @type {readonly Shortcut[]} */
export const SHORTCUTS = [
  { group: "move", keys: ["j", "ArrowDown"], command: "next", what: "keys_next", shown: ["j", "↓"] },
  { group: "move", keys: ["k", "ArrowUp"], command: "previous", what: "keys_previous", shown: ["k", "↑"] },
  { group: "move", keys: ["Enter", "o"], command: "open", what: "keys_open" },
  { group: "move", keys: ["J"], command: "open_next", what: "keys_open_next", shown: ["Shift+J"] },
  { group: "move", keys: ["K"], command: "open_previous", what: "keys_open_previous", shown: ["Shift+K"] },
  { group: "move", keys: ["."], command: "newer", what: "keys_newer" },
  { group: "move", keys: ["1", "2", "3", "4", "5", "6", "7"], command: "views", what: "keys_views", shown: ["1", "–", "7"] },
  { group: "move", keys: ["v"], command: "any_view", what: "keys_any_view" },
  { group: "move", keys: ["/"], command: "search", what: "keys_search" },
  { group: "move", keys: ["f"], command: "find", what: "keys_find", shown: ["f", "Ctrl+K"] },

  { group: "read", keys: ["u"], command: "first_unread", what: "keys_first_unread" },
  { group: "read", keys: ["b"], command: "latest", what: "keys_latest" },
  { group: "read", keys: ["i"], command: "details", what: "keys_details" },

  { group: "write", keys: ["r"], command: "reply", what: "keys_reply" },
  { group: "write", keys: ["n"], command: "note", what: "keys_note" },
  { group: "write", keys: ["c"], command: "canned", what: "keys_canned" },
  { group: "write", keys: ["/"], command: null, what: "keys_slash" },
  { group: "write", keys: ["Enter"], command: null, what: "keys_send" },
  { group: "write", keys: ["Shift+Enter"], command: null, what: "keys_newline" },
  { group: "write", keys: ["Ctrl+Enter"], command: null, what: "keys_send_now", shown: ["Ctrl+Enter", "Ctrl+Enter"] },
  { group: "write", keys: ["Ctrl+Shift+Enter"], command: null, what: "keys_send_later" },
  { group: "write", keys: ["Ctrl+Z"], command: null, what: "keys_undo" },
  { group: "write", keys: ["Ctrl+B", "Ctrl+I", "Ctrl+E", "Ctrl+K"], command: null, what: "keys_marks", shown: ["Ctrl+B", "I", "E", "K"] },

  { group: "change", keys: ["e"], command: "resolve", what: "keys_resolve" },
  { group: "change", keys: ["z"], command: "snooze", what: "keys_snooze" },
  { group: "change", keys: ["a"], command: "assign", what: "keys_assign" },
  { group: "change", keys: ["m"], command: "assign_me", what: "keys_assign_me" },
  { group: "change", keys: ["l"], command: "label", what: "keys_label" },
  { group: "change", keys: ["p"], command: "priority", what: "keys_priority" },
  { group: "change", keys: ["M"], command: "macro", what: "keys_macro", shown: ["Shift+M"] },
  { group: "change", keys: ["#"], command: "trash", what: "keys_trash" },
  { group: "change", keys: ["R"], command: "restore", what: "keys_restore", shown: ["Shift+R"] },

  { group: "select", keys: ["x"], command: "select", what: "keys_select" },
  { group: "select", keys: ["X"], command: "select_to", what: "keys_select_to", shown: ["Shift+X"] },
  { group: "select", keys: ["*"], command: "select_all", what: "keys_select_all" },

  { group: "page", keys: ["Escape"], command: "escape", what: "keys_escape", shown: ["Esc"] },
  { group: "page", keys: ["?"], command: "help", what: "keys_help" },
];

/** The groups, in the order of the sheet. */
export const GROUPS = /** @type {const} */ (["move", "read", "write", "change", "select", "page"]);

/** @type {ReadonlyMap<string, Command>} */
const BOUND = new Map(SHORTCUTS.flatMap(({ keys, command }) => (command === null ? [] : keys.map((key) => /** @type {[string, Command]} */ ([key, command])))));

/**
 * What a key press means where nobody writes.
 * @param {{key: string, code?: string, shiftKey?: boolean}} press
 * @returns {{command: Command, key: string}|null}
 */
export function readPress(press) {
  const key = keyOf(press);
  const command = BOUND.get(key);
  return command === undefined ? null : { command, key };
}

/** @param {{key: string, code?: string, shiftKey?: boolean}} press */
function keyOf({ key, code = "", shiftKey = false }) {
  const letter = /^[a-z]$/i.test(key) ? key : /^\p{L}$/u.test(key) ? (/^Key([A-Z])$/.exec(code)?.[1] ?? key) : null;
  if (letter === null) return key;
  return shiftKey ? letter.toUpperCase() : letter.toLowerCase();
}

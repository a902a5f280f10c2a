// Finds an emoji by what it is called.
//
// Guarantees: pure; those whose name begins with what is looked for come first, then those with a word that begins so.

/** @typedef {{sign: string, name: string, words: string[]}} Emoji */

/**
 * Reads a table of lines: the emoji, its name, and after a bar more words for it.
 * @param {string} table
 * @returns {Emoji[]}
 */
export function readEmoji(table) {
  return table
    .trim()
    .split("\n")
    .map((line) => {
      const [sign = "", ...rest] = line.trim().split(" ");
      const [name = "", more = ""] = rest.join(" ").split("|");
      return { sign, name: name.trim(), words: [...name.trim().split(" "), ...more.trim().split(" ")].filter((word) => word !== "") };
    });
}

/**
 * @param {Emoji[]} list
 * @param {string} query
 * @returns {Emoji[]}
 */
export function findEmoji(list, query) {
  const wanted = query.toLocaleLowerCase().replace(/:/g, " ").split(/\s+/).filter((word) => word !== "");
  if (wanted.length === 0) return list;
  const whole = wanted.join(" ");
  const found = list.filter(({ sign, words }) => sign === query.trim() || wanted.every((word) => words.some((known) => known.startsWith(word))));
  const first = found.filter(({ name }) => name.startsWith(whole));
  return [...first, ...found.filter((emoji) => !first.includes(emoji))];
}

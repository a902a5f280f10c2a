// The emoji under the names of the reader's language; English where there is no table.

import { readEmoji } from "../state/emoji.js";
import { emoji as en } from "./en-emoji.js";
import { language } from "./index.js";

/** @type {Record<string, string>} */
const TABLES = { en };

export const emojiList = readEmoji(TABLES[language] ?? en);

// The sentences of the search over everything, in English; part of the table in en.js.

export const find = {
  keys_find: "Search everything that was said",
  find_open: "Search",
  find_title: "Search messages, people and tickets",
  find_placeholder: "Words, a “phrase”, a name, or #42",
  find_hint: "Words that were said, names, e-mail addresses, or a ticket’s number. The last word may be unfinished.",
  find_busy: "Searching…",
  find_nothing: "Nothing was found for “{text}”.",
  find_count: { one: "{count} hit", other: "{count} hits" },
  find_count_some: { one: "{count} hit so far", other: "{count} hits so far" },
  find_more: "Show more",
  find_again: "Try again",
  find_failed: "The search did not work: {reason}",
  find_type_message: "Message",
  find_type_contact: "Person",
  find_type_conversation: "Ticket",
  find_number: "#{number}",
  find_no_conversation: "no conversation yet",
  find_too_far: "This message lies too far back to be shown here",
};

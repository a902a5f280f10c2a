// What the tests of the agents' side share: a page's state loaded as the loader loads it, and what of it must agree.

import { initialState } from "../../../console-js/state/model.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { filterOf, questionOf } from "../../../console-js/state/views.js";

/**
 * The page of an agent who looks at "all open", with a conversation open or none.
 * @param {import("../support/console-world.mjs").World} world
 */
export function loadScreen(world, agent, open_id = null, view = "open") {
  let state = initialState(agent);
  const question = questionOf(view);
  state = reduce(state, { type: "agents_loaded", agents: structuredClone(world.agents) });
  state = reduce(state, { type: "view_opened", question });
  state = reduce(state, { type: "list_loaded", question, page: world.list(agent, { ...filterOf(question), limit: 100 }), append: false });
  if (open_id !== null) state = openOn(state, world, agent, open_id);
  return state;
}

export function openOn(before, world, agent, open_id) {
  let state = reduce(before, { type: "conversation_opened", id: open_id });
  state = reduce(state, { type: "timeline_loading", id: open_id });
  const conversation = world.conversation(agent, open_id);
  state = reduce(state, { type: "conversation_loaded", conversation });
  state = reduce(state, { type: "contact_loaded", contact: structuredClone(world.contacts.get(conversation.contact.id)) });
  return reduce(state, { type: "timeline_loaded", id: open_id, page: world.page(open_id) });
}

/** Reads what the page marked as wanted, as the loader does, until nothing is. */
export function readWanted(before, world, agent) {
  let state = before;
  for (let round = 0; round < 100; round += 1) {
    const [id] = Object.keys(state.wanted);
    if (id === undefined) return state;
    state = reduce(state, { type: "conversation_loaded", conversation: world.conversation(agent, id) });
  }
  throw new Error("some conversation stays wanted");
}

export function apply(state, frames) {
  return frames.reduce((before, frame) => reduce(before, { type: "event", frame: structuredClone(frame) }), state);
}

/** The newest page of a timeline as the server tells it. */
export function saidIn(state, id) {
  return state.timelines[id]?.messages.slice(-50);
}

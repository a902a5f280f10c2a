// Applying events equals loading afresh, whatever happens, in whatever order screens are loaded.

import assert from "node:assert/strict";
import { test } from "node:test";

import { visibleConversations } from "../../../console-js/state/select.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { NO_ROWS, rowAt } from "../../../console-js/state/rows.js";
import { questionOf } from "../../../console-js/state/views.js";
import { World } from "../support/console-world.mjs";
import { apply, loadScreen, openOn, readWanted, saidIn } from "./screen.mjs";

const STEPS = 120;
const SEEDS = 60;

/** Mulberry32: small, seeded, good enough to shuffle with. */
function randomFrom(seed) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function step(world, random, agents) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const ids = [...world.conversations.keys()];
  const id = pick(ids);
  const messages = id ? world.messages.get(id) : [];
  const dice = random();
  if (!id || dice < 0.08) {
    const contact = world.contact(pick(["Jane", "Karl", null]), null);
    world.hear(world.begin(contact), "hello");
  } else if (dice < 0.35) world.hear(id, `question ${world.position}`);
  else if (dice < 0.5) world.say(pick(agents), id, { text: `answer ${world.position}`, client_id: `c${world.position}` });
  else if (dice < 0.57) world.say(pick(agents), id, { text: "aside", kind: "note" });
  else if (dice < 0.67) world.change(id, { status: pick(["open", "resolved", "pending"]) });
  else if (dice < 0.77) world.change(id, { assignee_id: pick([null, ...agents.map((agent) => agent.id)]) });
  else if (dice < 0.82) world.change(id, { priority: pick(["none", "high"]), labels: pick([[], ["bug"], ["vip", "bug"]]) });
  else if (dice < 0.92) world.read(pick([null, ...agents]), id, pick(messages).seq);
  else if (dice < 0.96) world.rename(world.conversations.get(id).contact.id, { name: `name ${world.position}` });
  else {
    const out = messages.filter((message) => message.direction === "out" && message.status === "sent");
    if (out.length > 0) world.fate(id, pick(out).id, pick(["delivered", "failed"]));
  }
}

for (let seed = 1; seed <= SEEDS; seed += 1) {
  test(`applying events equals loading afresh (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const world = new World();
    const agents = [world.agent("Maya Chen"), world.agent("Tom Becker")];
    const [me] = agents;
    for (let count = 0; count < 10; count += 1) step(world, random, agents);

    const view = ["mine", "unassigned", "open", "resolved"][seed % 4];
    let state = loadScreen(world, me, null, view);
    let open_id = null;
    let heard = world.position;
    for (let count = 0; count < STEPS; count += 1) {
      step(world, random, agents);
      if (random() < 0.1) {
        // Another conversation is opened: its topic begins now, its screen was read a moment later.
        state = hear(state, world, heard, open_id, random);
        heard = world.position;
        open_id = [...world.conversations.keys()][Math.floor(random() * world.conversations.size)];
        step(world, random, agents);
        state = openOn(state, world, me, open_id);
      } else if (random() < 0.3) {
        state = hear(state, world, heard, open_id, random);
        heard = world.position;
        if (random() < 0.5) state = readWanted(state, world, me);
      }
    }
    state = readWanted(hear(state, world, heard, open_id, random), world, me);

    const fresh = loadScreen(world, me, open_id, view);
    const seen = (one) => visibleConversations(one).map(({ seq, version, ...row }) => row);
    assert.deepEqual(seen(state), seen(fresh));
    if (open_id !== null) {
      assert.deepEqual(saidIn(state, open_id), saidIn(fresh, open_id));
      assert.deepEqual(rowAt(state.conversations, open_id), rowAt(fresh.conversations, open_id));
      const contact_id = rowAt(fresh.conversations, open_id).contact.id;
      assert.deepEqual(state.contacts[contact_id], fresh.contacts[contact_id]);
    }
  });
}

/** Hears what happened, now and then something twice, as a cut socket may repeat it. */
function hear(state, world, from, open_id, random) {
  const frames = world.after(from, ["inbox", `conversation:${open_id}`]);
  const doubled = frames.flatMap((frame) => (random() < 0.1 ? [frame, frame] : [frame]));
  return apply(state, doubled);
}

test("a list longer than a page shows only as far down as it was loaded", () => {
  const world = new World();
  const me = world.agent("Maya Chen");
  const ids = Array.from({ length: 30 }, () => {
    const id = world.begin(world.contact("Jane"));
    world.hear(id, "hello");
    return id;
  });
  let state = loadScreen(world, me);
  state = reduce(state, { type: "view_opened", question: questionOf("open", "") });
  const page = world.list(me, { status: "open", limit: 10 });
  state = { ...state, conversations: NO_ROWS };
  state = reduce(state, { type: "list_loaded", question: questionOf("open", ""), page, append: false });
  assert.deepEqual(visibleConversations(state).map((row) => row.id), ids.slice(-10).reverse());

  const heard = world.position;
  world.hear(ids[0], "me again");
  world.change(ids[1], { priority: "high" });
  world.change(ids[29], { status: "resolved" });
  state = readWanted(apply(state, world.after(heard, ["inbox"])), world, me);
  const expected = [ids[1], ids[0], ...ids.slice(20, 29).reverse()];
  assert.deepEqual(visibleConversations(state).map((row) => row.id), expected);

  const more = world.list(me, { status: "open", limit: 10, cursor: page.next_cursor });
  state = reduce(state, { type: "list_loaded", question: questionOf("open", ""), page: more, append: true });
  assert.deepEqual(visibleConversations(state), world.list(me, { status: "open", limit: 21 }).data);
});

// What is read over HTTP, when the connection or the event stream is quicker than the answer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Loader } from "../../../console-js/app/loader.js";
import { Scope } from "../../../console-js/app/scope.js";
import { Problem } from "../../../console-js/net/api.js";
import { initialState } from "../../../console-js/state/model.js";
import { reduce } from "../../../console-js/state/reduce.js";
import { rowAt } from "../../../console-js/state/rows.js";
import { createStore } from "../../../console-js/state/store.js";
import { World } from "../support/console-world.mjs";

/** A scope whose waits are over at once. */
class Hasty extends Scope {
  after(_delay_ms, action) {
    if (!this.stopped) queueMicrotask(action);
    return () => {};
  }
}

/** Lets everything that is answered at once come to its end. */
const settled = () => new Promise((done) => setImmediate(done));

function scene(api) {
  const world = new World();
  const me = world.agent("Maya Chen");
  const id = world.begin(world.contact("Jane"));
  world.hear(id, "hello");
  const store = createStore(initialState(me), reduce);
  const loader = new Loader(new Hasty(), api(world, me, id), store, () => Promise.resolve(), () => {});
  return { world, me, id, store, loader };
}

test("a row whose read an event has overtaken is read again", async () => {
  const old = { row: null };
  let reads = 0;
  const { world, me, id, store } = scene((world, me) => ({
    conversation: async (wanted) => ((reads += 1) === 1 ? old.row : world.conversation(me, wanted)),
  }));
  old.row = world.conversation(me, id);
  world.hear(id, "and another thing");
  store.dispatch({ type: "conversation_loaded", conversation: world.conversation(me, id) });
  store.dispatch({ type: "conversation_wanted", id });
  await settled();
  assert.equal(reads, 2);
  assert.deepEqual(store.get().wanted, {});
  assert.deepEqual(rowAt(store.get().conversations, id), world.conversation(me, id));
});

test("who is there is what was told last, also where that was quicker than the answer", async () => {
  let answer;
  const { me, store, loader } = scene(() => ({ agents: () => new Promise((done) => (answer = done)) }));
  const tom = { id: "tom", name: "Tom", email: "tom@example.com", role: "agent" };
  const told = (status) => store.dispatch({ type: "presence", frame: { type: "presence", agents: [{ id: tom.id, status }] } });
  told("offline");
  const read = loader.loadAgents();
  await settled();
  answer([{ ...me, presence: "online" }, { ...tom, presence: "online" }]);
  await read;
  assert.equal(store.get().presence.tom, "online", "an answer is later than what was told before it was asked");
  const again = loader.loadAgents();
  await settled();
  told("away");
  answer([{ ...tom, presence: "online" }]);
  await again;
  assert.equal(store.get().presence.tom, "away");
  const third = loader.loadAgents();
  await settled();
  told("away");
  answer([{ ...tom, presence: "offline" }]);
  await third;
  assert.equal(store.get().presence.tom, "away", "also where it says what was thought before");
});

test("a conversation that was lost with the connection is read when it is back", async () => {
  let is_up = false;
  const { id, store, loader } = scene((world, me) => {
    const answer = async (value) => {
      if (!is_up) throw new Problem(0, "unreachable", "");
      return value();
    };
    return {
      conversation: (wanted) => answer(() => world.conversation(me, wanted)),
      messages: (wanted) => answer(() => world.page(wanted)),
      contact: (wanted) => answer(() => structuredClone(world.contacts.get(wanted))),
    };
  });
  store.dispatch({ type: "conversation_opened", id });
  await loader.loadConversation(id);
  assert.equal(store.get().timelines[id].status, "failed");
  is_up = true;
  loader.readAgain();
  await settled();
  assert.equal(store.get().timelines[id].status, "ready");
  assert.equal(store.get().timelines[id].messages.length, 1);
  loader.readAgain();
  assert.equal(store.get().timelines[id].status, "ready", "what was read is not read again");
});

// The live connection: order, gaps, resuming, and when not to come back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Scope } from "../../../console-js/app/scope.js";
import { waitBefore } from "../../../console-js/net/backoff.js";
import { AgentSocket } from "../../../console-js/net/socket.js";
import { judge, readCursor } from "../../../console-js/state/stream.js";

class FakeSocket extends EventTarget {
  readyState = 0;
  sent = [];
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  opens() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  says(frame) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: typeof frame === "string" ? frame : JSON.stringify(frame) }));
  }
  closes(code) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

/** A scope whose timers run when the test says so. */
class HandScope extends Scope {
  constructor(timers) {
    super();
    this.timers = timers;
  }
  after(delay_ms, action) {
    if (this.stopped) return () => {};
    const timer = { delay_ms, action };
    this.timers.push(timer);
    return this.own(() => this.timers.splice(this.timers.indexOf(timer) >>> 0, 1));
  }
  every(delay_ms, action) {
    return this.after(delay_ms, action);
  }
  child() {
    const child = new HandScope(this.timers);
    const forget = this.own(() => child.stop());
    child.own(forget);
    return child;
  }
}

function bench() {
  const told = { sockets: [], phases: [], frames: [], ready: 0, afresh: 0, lost: [], has_network: true };
  const timers = [];
  const network = new EventTarget();
  const scope = new HandScope(timers);
  const socket = new AgentSocket({
    url: "ws://x/ws/agent",
    scope,
    open: () => {
      const fake = new FakeSocket();
      told.sockets.push(fake);
      return fake;
    },
    network,
    has_network: () => told.has_network,
    random: () => 0.5,
    now_ms: () => 1000,
    on_phase: (connection) => told.phases.push(connection),
    on_frame: (frame) => told.frames.push(frame.position ?? frame.type),
    on_ready: () => (told.ready += 1),
    on_afresh: () => (told.afresh += 1),
    on_lost: (code) => told.lost.push(code),
  });
  socket.setTopics(["inbox"]);
  socket.start();
  const last = () => told.sockets.at(-1);
  const welcome = (cursor) => {
    last().opens();
    last().says({ type: "welcome", session_id: "s", cursor, heartbeat_secs: 25, limits: {} });
  };
  /** Runs the timer that waits so long. */
  const run = (delay_ms) => {
    const timer = timers.find((one) => one.delay_ms === delay_ms);
    timers.splice(timers.indexOf(timer), 1);
    timer.action();
  };
  return { socket, told, network, scope, timers, last, welcome, run };
}

const event = (position, prev) => ({ type: "event", position, prev, conversation_id: "c", seq: position, event: "x", data: {}, at: "" });

test("the first connection says hello without a cursor, subscribes, and asks for a load", () => {
  const { told, last, welcome } = bench();
  welcome("e1-7");
  assert.deepEqual(last().sent, [{ type: "hello" }, { type: "subscribe", topics: ["inbox"] }]);
  assert.deepEqual([told.afresh, told.ready, told.phases.at(-1).phase], [1, 1, "live"]);
});

test("a lost connection comes back with the cursor of the last frame, and asks for no load", () => {
  const { told, last, welcome, run } = bench();
  welcome("e1-7");
  last().says(event(9, 7));
  last().closes(1006);
  assert.deepEqual(told.phases.at(-1), { phase: "waiting", retry_at_ms: 1250, code: 1006 });
  run(250);
  welcome("e1-9");
  assert.deepEqual(last().sent[0], { type: "hello", cursor: "e1-9" });
  assert.deepEqual([told.afresh, told.ready], [1, 2]);
});

test("a frame is handed on once, and one whose predecessor is missing makes the socket resume", () => {
  const { told, last, welcome, run } = bench();
  welcome("e1-7");
  last().says(event(8, 7));
  last().says(event(8, 7));
  last().says(event(11, 10));
  assert.deepEqual(told.frames, ["welcome", 8]);
  run(250);
  welcome("e1-8");
  last().says(event(10, 8));
  last().says(event(11, 10));
  assert.deepEqual(told.frames, ["welcome", 8, "welcome", 10, 11]);
});

test("a hole that no resuming fills makes the screens load afresh", () => {
  const { told, last, welcome, run } = bench();
  welcome("e1-7");
  for (let count = 0; count < 4; count += 1) {
    last().says(event(11, 10));
    run(250);
    welcome("e1-7");
  }
  assert.deepEqual([last().sent[0], told.afresh], [{ type: "hello" }, 2]);
});

test("resync_required asks for a load and goes on from the new cursor", () => {
  const { told, last, welcome } = bench();
  welcome("e2-40");
  last().says({ type: "resync_required", reason: "epoch" });
  last().says(event(41, 40));
  assert.deepEqual([told.afresh, told.frames], [2, ["welcome", 41]]);
});

test("goodbye says when to come back", () => {
  const { told, last, welcome } = bench();
  welcome("e1-7");
  last().says({ type: "goodbye", reason: "draining", reconnect_after_ms: 12000 });
  last().closes(4000);
  assert.equal(told.phases.at(-1).retry_at_ms, 13000);
});

test("4500 to 4999 end it, and reconnecting by hand begins anew", () => {
  const { socket, told, last, welcome } = bench();
  welcome("e1-7");
  last().closes(4504);
  assert.deepEqual([told.phases.at(-1), told.lost], [{ phase: "ended", retry_at_ms: null, code: 4504 }, [4504]]);
  socket.reconnect();
  assert.equal(told.sockets.length, 2);
});

test("a socket that does not answer is given up", async () => {
  const { told, last, welcome, run } = bench();
  welcome("e1-7");
  run(25_000);
  assert.deepEqual(last().sent.at(-1), { type: "ping" });
  run(10_000);
  assert.equal(told.phases.at(-1).phase, "waiting");
});

test("settled waits for the pong, and for nothing where there is no connection", async () => {
  const { socket, last, welcome } = bench();
  await socket.settled();
  welcome("e1-7");
  let done = false;
  const waiting = socket.settled().then(() => (done = true));
  await Promise.resolve();
  assert.equal(done, false);
  last().says({ type: "pong" });
  await waiting;
  const cut = socket.settled();
  last().closes(1006);
  await cut;
});

test("only the topics that changed are told", () => {
  const { socket, last, welcome } = bench();
  welcome("e1-7");
  socket.setTopics(["inbox", "conversation:a"]);
  socket.setTopics(["inbox", "conversation:b"]);
  assert.deepEqual(last().sent.slice(2), [
    { type: "subscribe", topics: ["conversation:a"] },
    { type: "unsubscribe", topics: ["conversation:a"] },
    { type: "subscribe", topics: ["conversation:b"] },
  ]);
});

test("a conversation that may not be followed does not take the list down with it", () => {
  const { socket, told, last, welcome } = bench();
  socket.setTopics(["inbox", "presence", "conversation:gone"]);
  welcome("e1-7");
  last().says({ type: "refused", code: "not_found", detail: "there is no such thing", retry: "never" });
  assert.deepEqual(last().sent.at(-1), { type: "subscribe", topics: ["inbox", "presence"] });
  assert.deepEqual([told.afresh, told.frames.at(-1)], [2, "refused"]);
  last().says({ type: "refused", code: "not_found", detail: "there is no such thing", retry: "never" });
  assert.equal(last().sent.length, 3);
});

test("without a network it waits for one, and then comes back at once", () => {
  const { told, network, last, welcome } = bench();
  welcome("e1-7");
  told.has_network = false;
  network.dispatchEvent(new Event("offline"));
  assert.equal(told.phases.at(-1).phase, "offline");
  told.has_network = true;
  network.dispatchEvent(new Event("online"));
  welcome("e1-7");
  assert.deepEqual([last().sent[0], told.phases.at(-1).phase], [{ type: "hello", cursor: "e1-7" }, "live"]);
});

test("garbage is a reason to resume, not to guess", () => {
  const { told, last, welcome } = bench();
  welcome("e1-7");
  last().says("{");
  assert.equal(told.phases.at(-1).phase, "waiting");
});

test("the end of its scope ends the socket and every timer", () => {
  const { scope, told, timers, last, welcome } = bench();
  welcome("e1-7");
  scope.stop();
  assert.deepEqual([last().readyState, timers.length, told.phases.at(-1).phase], [3, 0, "live"]);
});

test("waits grow from half a second to thirty, at random below", () => {
  const bounds = [0, 1, 2, 5, 6, 60].map((failures) => waitBefore(failures, () => 1));
  assert.deepEqual(bounds, [500, 1000, 2000, 16000, 30000, 30000]);
  assert.equal(waitBefore(3, () => 0), 0);
});

test("a cursor is read, and what is none is not", () => {
  assert.deepEqual(readCursor("9f3c-01ab-118"), { epoch: "9f3c-01ab", position: 118 });
  assert.deepEqual(["", "118", "-118", "a-", "a-x"].map(readCursor), [null, null, null, null, null]);
  assert.deepEqual([judge(5, event(5, 4)), judge(5, event(6, 5)), judge(5, event(8, 7))], ["duplicate", "apply", "gap"]);
});

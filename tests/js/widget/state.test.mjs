import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countUnread, cursorOf, initialState, judge, lastFromThem, MESSAGES_MAX, readAuthor, reduce, timeline } from '../../../widget-js/frame/state.js';
import { wire } from '../support/wire.mjs';

const all = (state, ...actions) => actions.reduce(reduce, state);
const event = (name) => ({ type: 'event', frame: wire(name) });
const session = (name) => ({ type: 'session', ...wire(name) });
const history = (messages = wire('message.list').messages) => ({ type: 'history', messages, more: false });
const item = (clientId) => ({ clientId, text: 'Hello', attachments: [], at: Date.parse('2026-11-21T12:00:00Z'), state: 'waiting' });
const OWN = 'event.message_created.visitor.own';
const THEIRS = 'event.message_created.visitor';

test('a new visitor begins with nothing, at the cursor of init', () => {
  const state = all(initialState(), session('init.response'));
  assert.equal(state.phase, 'ready');
  assert.equal(state.loaded, true);
  assert.equal(cursorOf(state), wire('init.response').cursor);
});

test('the history is shown as the wire tells it, whoever wrote and whatever was read', () => {
  const state = all(initialState(), session('init.response.returning'), history());
  assert.deepEqual(
    state.messages.map(({ seq, author, text, seen, clientId }) => [seq, author.kind, author.name, text, seen, clientId !== null]),
    [
      [3, 'visitor', 'Jane Doe', 'Hello, does the Fjord come in a 54 cm frame?', true, true],
      [5, 'agent', 'Maya Chen', 'Yes, it does. Here is the size guide.', false, false],
      [8, 'visitor', 'Jane Doe', 'This is my frame.', true, true],
    ],
  );
  assert.deepEqual(state.messages[2].attachments, wire('event.message_status_changed.visitor').data.attachments);
});

test('applying events ends in the same messages as loading them', () => {
  const live = all(initialState(), session('init.response'), event(OWN), event('event.conversation_read.visitor.by_agent'), event(THEIRS));
  const loaded = all(initialState(), session('init.response.returning'), history());
  const essence = ({ messages, seenByThem }) => messages.slice(0, 2).map(({ author: { kind }, seen, ...message }) =>
    ({ ...message, author: kind, seen: kind === 'visitor' && (seen || message.seq <= seenByThem) }));
  assert.deepEqual(essence(live), essence(loaded));
});

test('an event that comes twice changes nothing the second time', () => {
  const once = all(initialState(), session('init.response'), event(OWN), event(THEIRS));
  assert.equal(judge(once, wire(THEIRS)), 'repeat');
  assert.deepEqual(all(once, event(THEIRS)), once);
});

test('an event whose prev is not the last one applied says that something is missing', () => {
  const state = all(initialState(), session('init.response'));
  assert.equal(judge(state, wire(OWN)), 'apply');
  assert.equal(judge(state, wire(THEIRS)), 'missing');
  const other = { ...wire(THEIRS), prev: 3, conversation_id: 'another' };
  assert.equal(judge(all(state, event(OWN)), other), 'another');
});

test('neither an acknowledgement nor the history moves the cursor', () => {
  const { message_id: messageId, seq, conversation_id: conversationId } = wire('ack');
  const before = all(initialState(), session('init.response'), { type: 'set', part: { outgoing: [item('c')] } });
  const after = all(before, { type: 'acked', clientId: 'c', messageId, seq, conversationId, now: 1 }, history());
  assert.equal(cursorOf(after), cursorOf(before));
});

test('acknowledgement and event may come in either order', () => {
  const { client_id: clientId } = wire('send.visitor');
  const { message_id: messageId, seq, conversation_id: conversationId } = wire('ack');
  const acked = { type: 'acked', clientId, messageId, seq, conversationId, now: Date.parse(wire(OWN).data.created_at) };
  const before = all(initialState(), session('init.response'), { type: 'set', part: { outgoing: [item(clientId)] } });
  const [one, other] = [all(before, acked, event(OWN)), all(before, event(OWN), acked)];
  assert.deepEqual(one, other);
  assert.equal(one.messages.length, 1);
  assert.deepEqual(one.outgoing, []);
});

test('a message keeps its key from writing to the history, so that its element lives on', () => {
  const { client_id: clientId } = wire('send.visitor');
  const { message_id: messageId, seq, conversation_id: conversationId } = wire('ack');
  const keys = (state) => timeline(state).filter((one) => one.kind === 'message').map((one) => one.key);
  const written = all(initialState(), session('init.response'), { type: 'set', part: { outgoing: [item(clientId)] } });
  const acked = all(written, { type: 'acked', clientId, messageId, seq, conversationId, now: 1 });
  assert.deepEqual([keys(written), keys(acked), keys(all(acked, event(OWN)))], [[clientId], [clientId], [clientId]]);
});

test('a resync keeps what the history confirms and drops what it does not', () => {
  const ghost = { ...wire(OWN), seq: 7, prev: 5, data: { ...wire(OWN).data, id: 'ghost', seq: 7, client_id: 'ghost' } };
  const state = all(initialState(), session('init.response'), event(OWN), event(THEIRS), { type: 'event', frame: ghost });
  const resynced = all(state, { type: 'resync', cursor: 'ffffffff-9' }, history());
  assert.deepEqual(resynced.messages.map(({ id }) => id), wire('message.list').messages.map(({ id }) => id));
  assert.equal(cursorOf(resynced), 'ffffffff-9');
});

test('what came live after a resync stays, though the history was read before it', () => {
  const state = all(initialState(), session('init.response'), event(OWN), { type: 'resync', cursor: '9f3c01ab-3' }, event(THEIRS));
  const first = wire('message.list').messages.slice(0, 1);
  assert.deepEqual(all(state, history(first)).messages.map(({ seq }) => seq), [3, 5]);
});

test('a fresh token goes on from what was applied, not from the head of the server', () => {
  const state = all(initialState(), session('init.response'), event(OWN));
  const answer = { ...wire('init.response.returning'), conversationId: state.conversationId };
  assert.equal(all(state, { type: 'session', ...answer }).place, 3);
});

test('delivery is said in words: sent, then seen by a read mark or by its status', () => {
  const deliveries = (state) => timeline(state).filter((one) => one.ours).map((one) => one.delivery);
  const sent = all(initialState(), session('init.response'), event(OWN));
  assert.deepEqual(deliveries(sent), ['sent']);
  assert.deepEqual(deliveries(all(sent, event('event.conversation_read.visitor.by_agent'))), ['seen']);
  const loaded = all(initialState(), session('init.response.returning'), history([{ ...wire('message.list').messages[2], status: 'sent' }]));
  assert.deepEqual(deliveries(loaded), ['sent']);
  assert.deepEqual(deliveries(all(loaded, event('event.message_status_changed.visitor'))), ['seen']);
});

test('messages of one author within minutes are a group, and a day begins with its name', () => {
  const at = (seq, hour, minute, type = 'agent') => ({
    id: `m${seq}`, seq, author: { role: type, name: type }, content_text: 't', created_at: new Date(2026, 10, 21, hour, minute).toISOString(),
  });
  const messages = [at(1, 9, 0), at(2, 9, 2), at(3, 9, 3, 'visitor'), at(4, 9, 30, 'visitor'), { ...at(5, 9, 0), created_at: new Date(2026, 10, 22, 9).toISOString() }];
  const items = timeline(all(initialState(), history(messages)));
  assert.deepEqual(items.map((one) => (one.kind === 'day' ? 'day' : `${one.first ? '[' : ''}${one.key}${one.last ? ']' : ''}`)),
    ['day', '[m1', 'm2]', '[m3]', '[m4]', 'day', '[m5]']);
});

test('unread are those of the other side after what was read or answered', () => {
  const state = all(initialState(), session('init.response'), event(OWN), event(THEIRS));
  assert.equal(countUnread(state), 1);
  assert.equal(lastFromThem(state), 5);
  assert.equal(countUnread(all(state, event('event.conversation_read.visitor.by_visitor'))), 0);
  const answered = { ...wire(OWN), seq: 8, prev: 5, data: { ...wire(OWN).data, id: 'later', seq: 8, client_id: 'later' } };
  assert.equal(countUnread(all(state, { type: 'event', frame: answered })), 0);
});

test('typing ends with the message that was typed', () => {
  const typist = readAuthor(wire('typing.server').author);
  const state = all(initialState(), session('init.response'), event(OWN), { type: 'set', part: { typist } });
  assert.equal(state.typist.name, 'Maya Chen');
  assert.equal(all(state, event(THEIRS)).typist, null);
});

test('an event of a later version takes its place and shows nothing', () => {
  const state = all(initialState(), session('init.response'));
  const frame = { type: 'event', conversation_id: 'c', seq: 1, prev: 0, event: 'conversation.sung', data: {}, at: '' };
  const after = all(state, { type: 'event', frame });
  assert.equal(after.place, 1);
  assert.deepEqual(after.messages, []);
});

test('a very long conversation keeps its newest messages and says so', () => {
  const messages = Array.from({ length: MESSAGES_MAX + 5 }, (_, index) =>
    ({ id: `m${index}`, seq: index + 1, author: { role: 'agent' }, content_text: 't', created_at: '2026-11-21T12:00:00Z' }));
  const state = all(initialState(), history(messages));
  assert.equal(state.messages.length, MESSAGES_MAX);
  assert.equal(state.messages[0].id, 'm5');
  assert.equal(state.shortened, true);
});

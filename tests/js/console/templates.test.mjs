// The picker's logic: which templates fit, what they will read, and what is wrong with the words.

import assert from 'node:assert/strict';
import test from 'node:test';

import { choiceOf, faultsOf, firstWords, fitting, previewOf, takesTemplates } from '../../../console-js/state/templates.js';

const variable = (key, component, more = {}) => ({ key, component, example: null, max_length: 20, ...more });

const PARCEL = {
  name: 'parcel',
  language: 'en_US',
  status: 'approved',
  category: 'utility',
  components: [
    { type: 'header', format: 'text', text: 'Order {{1}}', url: null },
    { type: 'body', format: null, text: 'Hello {{1}}, it comes\non {{ 2 }}. {{1}}!', url: null },
    { type: 'footer', format: null, text: 'The shop', url: null },
    { type: 'button', format: 'url', text: 'Where is it?', url: 'https://shop.example/{{1}}' },
  ],
  variables: [variable('header.1', 'header'), variable('1', 'body'), variable('2', 'body'), variable('button.0', 'button')],
  unsupported: null,
};
const PICTURE = {
  ...PARCEL,
  name: 'sale',
  components: [{ type: 'header', format: 'image', text: null, url: null }, { type: 'body', format: null, text: 'Everything must go', url: null }],
  variables: [variable('header.link', 'header', { max_length: 2000 })],
};

test('a template is found by its name and its words, whatever the case', () => {
  const names = (sought) => fitting([PARCEL, PICTURE], sought).map((template) => template.name);
  assert.deepEqual(names(''), ['parcel', 'sale']);
  assert.deepEqual(names('PARCEL en_us'), ['parcel']);
  assert.deepEqual(names('must everything'), ['sale']);
  assert.deepEqual(names('nowhere'), []);
});

test('a list shows what a template says first, on one line', () => {
  assert.equal(firstWords(PARCEL), 'Hello {{1}}, it comes on {{ 2 }}. {{1}}!');
});

test('a preview has words in the places that have some, and the place where there are none', () => {
  const shown = previewOf(PARCEL, { 'header.1': '#42', 1: 'Dana', 2: ' ' });
  const text = (part) => part.pieces.map((piece) => piece.text).join('');
  assert.deepEqual(shown.map((part) => [part.kind, text(part)]), [
    ['header', 'Order #42'],
    ['body', 'Hello Dana, it comes\non {{ 2 }}. Dana!'],
    ['footer', 'The shop'],
    ['button', 'Where is it?'],
  ]);
  assert.deepEqual(shown[1].pieces.filter((piece) => piece.place !== null).map((piece) => piece.place), ['1', '2', '1']);
});

test('words that look like a place stay words', () => {
  const [, body] = previewOf(PARCEL, { 1: '{{2}}', 2: 'Monday' });
  assert.equal(body.pieces.map((piece) => piece.text).join(''), 'Hello {{2}}, it comes\non Monday. {{2}}!');
});

test('a picture above a template is told of by its address', () => {
  const [file] = previewOf(PICTURE, { 'header.link': 'https://files.example/a.jpg' });
  assert.deepEqual(file, { kind: 'file', pieces: [{ text: 'https://files.example/a.jpg', place: 'header.link' }] });
});

test('each place that lacks words, has too many, or has what the provider refuses, is named', () => {
  const good = { 'header.1': '#42', 1: 'Dana', 2: 'Monday', 'button.0': '42' };
  assert.deepEqual(faultsOf(PARCEL, good), {});
  assert.deepEqual(faultsOf(PARCEL, { ...good, 1: '  ', 2: 'x'.repeat(21) }), { 1: { kind: 'missing', count: 0 }, 2: { kind: 'too_long', count: 20 } });
  for (const bad of ['a\nb', 'a\tb', 'a     b']) assert.deepEqual(faultsOf(PARCEL, { ...good, 1: bad }), { 1: { kind: 'refused', count: 0 } });
  assert.deepEqual(faultsOf(PARCEL, { ...good, 1: 'a    b' }), {}, 'four spaces are taken');
  assert.deepEqual(faultsOf(PICTURE, { 'header.link': 'http://files.example/a.jpg' }), { 'header.link': { kind: 'not_https', count: 0 } });
});

test('only places that the template has are sent', () => {
  const choice = choiceOf(PICTURE, { 'header.link': 'https://files.example/a.jpg', 1: 'left over' });
  assert.deepEqual(choice, { name: 'sale', language: 'en_US', variables: { 'header.link': 'https://files.example/a.jpg' } });
});

test('templates are offered where the provider has such, to whoever wants messages', () => {
  const remote = { kind: 'whatsapp', address: { kind: 'whatsapp', value: '1' }, reply_until: null, human_until: null, opted_out: false };
  const can = { whatsapp: { templates: true }, messenger: { templates: false } };
  assert.equal(takesTemplates(remote, can), true, 'whether the window is open or not');
  assert.equal(takesTemplates({ ...remote, opted_out: true }, can), false);
  assert.equal(takesTemplates({ ...remote, kind: 'messenger' }, can), false);
  assert.equal(takesTemplates({ ...remote, kind: 'email' }, can), false);
  assert.equal(takesTemplates(undefined, can), false);
});

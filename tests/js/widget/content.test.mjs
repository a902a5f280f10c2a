import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderDocument, renderText, safeAddress } from '../../../widget-js/frame/view/element.js';
import { installFakeDocument, outline } from '../support/fake-document.mjs';
import { wire } from '../support/wire.mjs';

installFakeDocument();
const doc = (...content) => ({ type: 'doc', content });
const text = (words, ...marks) => ({ type: 'text', text: words, marks });
const paragraph = (...content) => ({ type: 'paragraph', content });
const link = (href) => ({ type: 'link', attrs: { href } });
const render = (...content) => outline(renderDocument(doc(...content)));

test('marks, links, breaks and lists become elements', () => {
  assert.equal(outline(renderDocument(wire('event.message_created.visitor').data.content)),
    '<p>"Yes, it "<strong>"does"</strong>". Here is the "<a href=https://northwind.example/sizes>"size guide"</a>"."</p>');
  assert.equal(render(paragraph(text('a', { type: 'italic' }), { type: 'hardBreak' }, text('b', { type: 'code' }, { type: 'bold' }))),
    '<p><em>"a"</em><br></br><strong><code>"b"</code></strong></p>');
  assert.equal(render({ type: 'orderedList', content: [{ type: 'listItem', content: [paragraph(text('one'))] }] }), '<ol><li><p>"one"</p></li></ol>');
});

test('what looks like markup stays text', () => {
  const words = '<img src=x onerror=alert(1)>';
  assert.equal(render(paragraph(text(words))), `<p>"${words}"</p>`);
  assert.equal(outline(renderText(words)), `<p>"${words}"</p>`);
});

test('a link leads to the web, to mail or to a telephone, and nowhere else', () => {
  for (const href of ['https://a.example/', 'http://a.example', 'mailto:a@b.example', 'tel:+4930123']) assert.equal(safeAddress(href), href);
  for (const href of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)', 'data:text/html,x', '//a.example', '/path', '', null, undefined, 7, {}]) {
    assert.equal(safeAddress(href), '', String(href));
  }
  assert.equal(render(paragraph(text('click', link('javascript:alert(1)')))), '<p>"click"</p>');
});

test('addresses in plain text become links, without the full stop behind them', () => {
  assert.equal(outline(renderText('See https://a.example/b?c=1. Or not')), '<p>"See "<a href=https://a.example/b?c=1>"https://a.example/b?c=1"</a>". Or not"</p>');
  assert.equal(outline(renderText('one\ntwo\n\nthree')), '<p>"one"<br></br>"two"</p><p>"three"</p>');
});

test('a picture from elsewhere is a link to it', () => {
  const image = (src, alt) => ({ type: 'image', attrs: { src, alt } });
  assert.equal(render(image('https://other.example/a.png', 'A map')), '<p><a href=https://other.example/a.png>"A map"</a></p>');
  assert.equal(render(image('https://chat.example/a.png', 'A map')), '<img src=https://chat.example/a.png alt=A map></img>');
  assert.equal(render(image('javascript:alert(1)', 'A map')), '"A map"');
});

test('a node that is not known shows the text it holds', () => {
  assert.equal(render({ type: 'quote', content: [paragraph(text('said'))] }), '<p>"said"</p>');
  assert.equal(render({ type: 'paragraph' }, { type: 'text' }, { type: 'paragraph', content: 'wrong' }), '<p></p><p></p>');
});

test('depth and number of nodes are bounded', () => {
  let deep = paragraph(text('deep'));
  for (let level = 0; level < 50; level += 1) deep = { type: 'listItem', content: [deep] };
  assert.ok(!render(deep).includes('deep'));
  const wide = renderDocument(doc(...Array.from({ length: 5_000 }, () => paragraph())));
  assert.ok(wide.length < 2_001);
});

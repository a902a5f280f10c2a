import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contrast, inkOn, readableOn, readColour } from '../../../widget-js/frame/colour.js';
import { loadText, pickLocale } from '../../../widget-js/frame/text.js';

const LOCALES = ['en', 'de', 'es', 'ar'];
const tables = Object.fromEntries(await Promise.all(LOCALES.map(async (locale) =>
  [locale, (await import(`../../../widget-js/frame/locale/${locale}.js`)).default])));
const holes = (sentence) => (sentence.match(/\{\w+\}/g) ?? []).sort().join();

test('every language has every sentence, with the same holes', () => {
  for (const locale of LOCALES) {
    assert.deepEqual(Object.keys(tables[locale]), Object.keys(tables.en), locale);
    for (const [name, sentence] of Object.entries(tables[locale])) {
      if (typeof sentence === 'string') assert.equal(holes(sentence), holes(tables.en[name]), `${locale}.${name}`);
      const words = typeof sentence === 'string' ? [sentence] : Object.values(sentence);
      assert.ok(words.every((one) => one.trim() === one && one !== ''), `${locale}.${name}`);
    }
  }
});

test('a counted sentence has a form for every number of its language', () => {
  for (const locale of LOCALES) {
    for (const sentence of Object.values(tables[locale]).filter((one) => typeof one !== 'string')) {
      for (const n of [1, 2, 3, 11, 100]) {
        const form = new Intl.PluralRules(locale).select(n);
        assert.ok(sentence[form] ?? sentence.other, `${locale} ${form}`);
      }
    }
  }
});

test('the first wanted language with a table is taken, with its region', () => {
  assert.equal(pickLocale([undefined, 'fr-FR', 'de-AT', 'en']), 'de-AT');
  assert.equal(pickLocale(['es_mx']), 'es-MX');
  assert.equal(pickLocale(['zz', '', undefined]), 'en');
  assert.equal(pickLocale(['constructor', '__proto__']), 'en');
  assert.equal(pickLocale(['de-!!']), 'de');
});

test('times, spans, sizes and counts follow the language', async () => {
  const [english, german, arabic] = await Promise.all(['en', 'de', 'ar'].map(loadText));
  assert.equal(arabic.direction, 'rtl');
  assert.equal(english.direction, 'ltr');
  assert.deepEqual([english.span(1), english.span(4_200), german.span(5_000), english.span(150_000)], ['1 second', '5 seconds', '5 Sekunden', '3 minutes']);
  assert.deepEqual([english.size(400), english.size(48_213), german.size(2_500_000)], ['1 kB', '48 kB', '2,5 MB']);
  assert.deepEqual([english.count('unread', 1), german.count('unread', 3)], ['Chat, 1 unread message', 'Chat, 3 ungelesene Nachrichten']);
  assert.equal(english.say('typing', { name: 'Maya' }), 'Maya is typing…');
  const noon = new Date(2026, 10, 21, 12).getTime();
  const days = [0, -1, -2].map((days) => german.day(new Date(2026, 10, 21 + days, 23, 59).getTime(), noon));
  assert.deepEqual(days, ['Heute', 'Gestern', 'Donnerstag, 19. November']);
});

test('whatever colour a site chooses, text on it and text in it can be read', () => {
  assert.deepEqual(['#abc', 'FF8800', ' #1F5EFF ', 'red', '', undefined].map(readColour),
    ['#aabbcc', '#ff8800', '#1f5eff', '#1f5eff', '#1f5eff', '#1f5eff']);
  for (let step = 0; step < 4096; step += 7) {
    const hex = readColour(`#${step.toString(16).padStart(3, '0')}`);
    assert.ok(contrast(hex, inkOn(hex)) >= 4.5, hex);
    for (const ground of ['#f2f4f7', '#262a33']) assert.ok(contrast(readableOn(hex, ground), ground) >= 4.5, `${hex} on ${ground}`);
  }
});

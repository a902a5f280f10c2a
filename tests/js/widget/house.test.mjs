import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LOADER_BYTES_MAX = 4_096;
const FILE_LINES_MAX = 450;
/** All that an English-speaking visitor's browser is sent, each file compressed by itself as the server does. */
const PROGRAM_BYTES_MAX = 30_000;
const WITH_COMMENTS_BYTES_MAX = 38_000;

const root = fileURLToPath(new URL('../../../widget-js/', import.meta.url));
const files = readdirSync(root, { recursive: true }).map((name) => name.replaceAll('\\', '/')).filter((name) => /\.(js|css|html|ts)$/.test(name));
const read = (name) => readFileSync(root + name, 'utf8');
const scripts = files.filter((name) => name.endsWith('.js'));

test('the loader fits', () => {
  assert.ok(Buffer.byteLength(read('loader.js')) <= LOADER_BYTES_MAX);
});

/** A script whose comment lines are empty: whole lines only, so that the numbers of the others stay. */
function withoutComments(text) {
  let inside = false;
  return text.split('\n').map((line) => {
    const code = line.trim();
    const begins = !inside && code.startsWith('/*');
    if (inside || begins) {
      const end = code.indexOf('*/');
      const casts = begins && end >= 0 && end + 2 < code.length;
      inside = end < 0;
      return casts ? line : '';
    }
    return code.startsWith('//') ? '' : line;
  }).join('\n');
}

test('the widget fits: its program, and with its comments', () => {
  const sent = files.filter((name) => name === 'loader.js' || (/^frame\/.*\.(js|css|html)$/.test(name) && !/locale\/(?!en)/.test(name)));
  const size = (make) => sent.map((name) => gzipSync(name.startsWith('frame/') && name.endsWith('.js') ? make(read(name)) : read(name), { level: 9 }).length)
    .reduce((one, other) => one + other);
  const [program, all] = [size(withoutComments), size((text) => text)];
  assert.ok(program <= PROGRAM_BYTES_MAX, `${program} bytes`);
  assert.ok(all <= WITH_COMMENTS_BYTES_MAX, `${all} bytes`);
});

test('comments stand on lines of their own, and no text runs over lines: so comment lines can be left out', () => {
  for (const name of scripts.filter((one) => one.startsWith('frame/'))) {
    for (const line of withoutComments(read(name)).split('\n')) {
      assert.ok((line.match(/`/g) ?? []).length % 2 === 0, `${name}: ${line}`);
      assert.ok(!/\s\/\/ |\*\/$/.test(line), `${name}: ${line}`);
    }
  }
});

test('no file is long', () => {
  for (const name of files) assert.ok(read(name).split('\n').length <= FILE_LINES_MAX, name);
});

test('no markup is made from text, no code from strings, no style from attributes', () => {
  for (const name of scripts) {
    const text = read(name);
    for (const banned of ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'document.write', 'eval(', 'new Function', "setAttribute('style"]) {
      assert.ok(!text.includes(banned), `${name}: ${banned}`);
    }
  }
});

test('pages hold no script and no style of their own, and nothing from elsewhere', () => {
  for (const name of files.filter((one) => one.endsWith('.html'))) {
    const text = read(name);
    assert.ok(!/<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=/.test(text), name);
    assert.ok(![...text.matchAll(/(?:src|href)="([^"]+)"/g)].some(([, address]) => /^(https?:)?\/\//.test(address)), name);
  }
});

test('modules import by relative paths that exist', () => {
  for (const name of scripts.filter((one) => one.startsWith('frame/'))) {
    for (const [, path] of read(name).matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
      const target = new URL(path, `file:///${name}`).pathname.slice(1);
      assert.ok(path.startsWith('.') && files.includes(target), `${name}: ${path}`);
    }
  }
});

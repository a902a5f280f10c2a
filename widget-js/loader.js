/* Switchboard: draws the launcher, loads the chat frame. See README.md beside this file. */
((w, d) => {
const tag = d.currentScript, early = w.Switchboard || [];
if (!tag || early.remove) return;
const set = { ...w.SwitchboardSettings, ...tag.dataset }, slot = 'switchboard:' + set.apiKey;
const { origin } = new URL(tag.src), heard = {};
const waiting = [['settings', set, [location.href, d.referrer, d.title, d.documentElement.lang]]];
let frame, loaded, kept, shown = false;
try { kept = JSON.parse(localStorage[slot]); } catch { /* none */ }

const root = d.createElement('div'), button = d.createElement('button');
const inside = root.attachShadow({ mode: 'open' }), sheet = new CSSStyleSheet();
root.role = 'region';
root.ariaLabel = button.ariaLabel = set.label || 'Chat';
button.ariaExpanded = shown;
inside.append(button);
inside.adoptedStyleSheets = [sheet];
sheet.replaceSync(`*{position:fixed;bottom:20px;right:20px;border:0;z-index:2147483000;box-shadow:0 6px 32px #0004}
:host([class*=left]) *{right:auto;left:20px}
button{width:60px;height:60px;border-radius:50%;color:var(--ink);background:var(--hue);cursor:pointer}
:before{content:"";position:absolute;inset:18px 16px 19px;border-radius:9px 9px 9px 2px;background:currentColor}
[aria-expanded=true]:before{clip-path:polygon(0 30%,9% 19%,50% 58%,91% 19%,100% 30%,50% 81%)}
[data-n]:not([data-n="0"]):after{content:attr(data-n);position:absolute;top:-4px;right:-4px;width:22px;
font:700 12px/22px system-ui;border-radius:11px;background:#c22;color:#fff}
iframe{bottom:96px;width:400px;height:min(704px,100vh - 116px);border-radius:16px}
[aria-expanded=false]+*{visibility:hidden}
:focus-visible{outline:3px solid var(--hue);outline-offset:3px}
@media(max-width:480px){iframe{inset:0!important;width:100%;height:100%;border-radius:0}}`);

const look = (value) => {
  kept = value || {};
  root.style.cssText = `--hue:${set.color || kept.hue || '#1f5eff'};--ink:${kept.ink || '#fff'}`;
  root.className = set.position || kept.position;
};
const emit = (name, value) => heard[name]?.forEach((fn) => setTimeout(fn, 0, value));
const tell = (...said) => loaded ? frame.contentWindow.postMessage(said, origin) : waiting.push(said);
const load = () => {
  if (frame) return;
  frame = d.createElement('iframe');
  frame.title = root.ariaLabel;
  frame.src = `${origin}/widget/v1/frame?apiKey=${set.apiKey}#${location.origin}`;
  inside.append(frame);
  setTimeout(() => loaded || emit('error', { code: 'frame_unavailable' }), 2e4);
};
const turn = (open) => {
  if (shown === open) return;
  load();
  button.ariaExpanded = shown = open;
  (open ? frame : button).focus();
  tell('shown', open);
  emit(open ? 'open' : 'close');
};
const hear = (e) => {
  if (e.origin !== origin || e.source !== frame?.contentWindow) return;
  const [type, value] = e.data;
  if (type === 'loaded') {
    loaded = true;
    waiting.splice(0).forEach((said) => tell(...said));
  } else if (type === 'shut') turn(false);
  else if (type === 'keep') {
    look(value);
    try { localStorage[slot] = JSON.stringify(value); } catch { /* blocked */ }
  } else emit(type, value);
  if (type === 'unread') {
    button.dataset.n = value.count;
    button.ariaLabel = value.label;
  }
};

const api = w.Switchboard = {
  open: () => turn(true),
  close: () => turn(false),
  toggle: () => turn(!shown),
  show: () => root.hidden = false,
  hide: () => root.hidden = true,
  identify: (user) => tell('identify', user),
  reset: () => { load(); tell('reset'); },
  setLocale: (locale) => tell('locale', locale),
  setTheme: (theme) => tell('theme', theme),
  on: (name, fn) => (heard[name] ||= new Set()).add(fn),
  off: (name, fn) => heard[name]?.delete(fn),
  push: ([name, ...args]) => api[name](...args),
  remove: () => { removeEventListener('message', hear); root.remove(); delete w.Switchboard; },
};
button.onclick = api.toggle;
addEventListener('message', hear);
look(kept);
early.forEach(api.push);
(d.body || d.documentElement).append(root);
emit('ready');
if (kept.begun) (w.requestIdleCallback || setTimeout)(load);
})(window, document);

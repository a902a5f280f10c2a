/**
 * The bridge to the page that holds the frame: `loader.js` stands at the other end.
 *
 * Guarantees: speaks with the parent window alone and only with the origin that the frame's address names; nothing but
 * the documented messages crosses. A frame that was opened as a page of its own has no host and is always shown.
 *
 * A message is an array: a type, then values. From the host: `settings`, `shown`, `identify`, `reset`, `locale`, `theme`.
 * To the host: `loaded`, `shut`, `keep`, `unread`, `message`, `error`.
 */

/**
 * @typedef {object} Settings
 * @property {string} [locale]
 * @property {string} [theme]
 * @property {string} [color]
 * @property {string} [position]
 *
 * @typedef {object} HostHandlers
 * @property {(settings: Settings, page: string[]) => void} settings `page`: address, referrer, title, language
 * @property {(shown: boolean) => void} shown
 * @property {(user: object) => void} identify
 * @property {() => void} reset
 * @property {(locale: string) => void} locale
 * @property {(theme: string) => void} theme
 */

/**
 * @param {Window} window
 * @param {HostHandlers} on
 */
export function connectHost(window, on) {
  const { parent, location } = window;
  const alone = parent === window;
  const origin = decodeURIComponent(location.hash.slice(1));

  /** @param {MessageEvent} event */
  function hear(event) {
    if (event.source !== parent || event.origin !== origin || !Array.isArray(event.data)) return;
    const [type, value, more] = event.data;
    switch (type) {
      case 'settings': return on.settings(Object(value), Array.isArray(more) ? more.map(String) : []);
      case 'shown': return on.shown(value === true);
      case 'identify': return value && typeof value === 'object' ? on.identify(value) : undefined;
      case 'reset': return on.reset();
      case 'locale': return on.locale(String(value));
      case 'theme': return on.theme(String(value));
      default: return undefined;
    }
  }

  /**
   * @param {string} type
   * @param {unknown} [value]
   */
  function say(type, value) {
    if (!alone && origin.startsWith('http')) parent.postMessage([type, value], origin);
  }

  if (alone) {
    queueMicrotask(() => {
      on.settings({}, [location.href, window.document.referrer, window.document.title, '']);
      on.shown(true);
    });
  } else {
    window.addEventListener('message', hear);
    say('loaded');
  }

  return { alone, say };
}

/** @typedef {ReturnType<typeof connectHost>} Host */

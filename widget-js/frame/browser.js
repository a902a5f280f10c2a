/**
 * The browser around the frame: time, storage, and the page that holds the frame.
 */

/** @type {Clock} */
export const clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  every(ms, fn) {
    const timer = setInterval(fn, ms);
    return () => clearInterval(timer);
  },
};

/** Null where it is blocked: then even naming it throws. */
export function browserStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** @param {Storage | null} storage @param {string} apiKey */
export function createStorage(storage, apiKey) {
  const prefix = `switchboard.${apiKey}.`;
  /** @type {Map<string, string>} what could not be stored */
  const memory = new Map();

  /** @template T @param {(storage: Storage) => T} use @returns {T | undefined} */
  function attempt(use) {
    try {
      return storage ? use(storage) : undefined;
    } catch {
      // Blocked or full: what is in memory has to do.
      return undefined;
    }
  }

  return {
    /** @param {string} name @returns {any} */
    get(name) {
      const text = memory.get(name) ?? attempt((place) => place.getItem(prefix + name));
      try {
        return text ? JSON.parse(text) : undefined;
      } catch {
        // Somebody else wrote it.
        return undefined;
      }
    },
    /** @param {string} name @param {unknown} value */
    set(name, value) {
      const text = JSON.stringify(value);
      const stored = attempt((place) => {
        place.setItem(prefix + name, text);
        return true;
      });
      if (stored) memory.delete(name);
      else memory.set(name, text);
    },
    /** @param {string} name */
    remove(name) {
      memory.delete(name);
      attempt((place) => place.removeItem(prefix + name));
    },
    /** The names that begin so. @param {string} start @returns {string[]} */
    names(start) {
      const stored = attempt((place) => Object.keys(place)) ?? [];
      const ours = stored.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
      return [...new Set([...memory.keys(), ...ours])].filter((name) => name.startsWith(start));
    },
  };
}

/** @param {HostHandlers} on */
export function connectHost(on) {
  const { parent, location } = window;
  const origin = decodeURIComponent(location.hash.slice(1));

  /** @param {string} type @param {unknown} [value] */
  const say = (type, value) => parent.postMessage([type, value], origin);

  window.addEventListener('message', ({ source, origin: from, data }) => {
    if (source !== parent || from !== origin || !Array.isArray(data)) return;
    const [type, value, page] = data;
    if (type === 'settings') on.settings(Object(value), page.map(String));
    else if (type === 'shown') on.shown(value === true);
    else if (type === 'identify' && typeof value === 'object') on.identify({ ...value });
    else if (type === 'reset') on.reset();
    else if (type === 'locale') on.locale(String(value));
    else if (type === 'theme') on.theme(String(value));
  });
  say('loaded');
  return { say };
}

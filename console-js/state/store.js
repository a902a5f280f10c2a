// The one place where the page's state is held.
//
// Guarantees: the state changes only by `dispatch`, through the pure reducer; watchers are called after each change, in the
// order in which they came, and never for an action that changed nothing. It does not batch: views do that with frames.

/**
 * @template S, A
 * @param {S} initial
 * @param {(state: S, action: A) => S} reduce
 */
export function createStore(initial, reduce) {
  let state = initial;
  /** @type {Set<(state: S) => void>} */
  const watchers = new Set();

  return {
    get: () => state,

    /** @param {A} action */
    dispatch(action) {
      const next = reduce(state, action);
      if (next === state) return;
      state = next;
      for (const watcher of [...watchers]) watcher(state);
    },

    /**
     * Watches until the answer is called.
     * @param {(state: S) => void} watcher
     * @returns {() => void}
     */
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

/** @template S, A @typedef {{get: () => S, dispatch: (action: A) => void, watch: (watcher: (state: S) => void) => () => void}} Store */

/**
 * A clock that tests move by hand. Timers fire in the order of their time; promises settle between them.
 */
export function createFakeClock(start = Date.parse('2026-11-21T12:00:00Z')) {
  let now = start;
  let ids = 0;
  const timers = new Map();

  function add(at, fn, every) {
    ids += 1;
    const id = ids;
    timers.set(id, { at, fn, every, id });
    return () => timers.delete(id);
  }

  async function settle() {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }

  return {
    now: () => now,
    after: (ms, fn) => add(now + ms, fn, 0),
    every: (ms, fn) => add(now + ms, fn, ms),
    /** How many timers nobody has ended. */
    pending: () => timers.size,
    settle,
    /** Lets so much time pass. */
    async pass(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const next = [...timers.values()].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
        if (!next) break;
        now = next.at;
        if (next.every) next.at += next.every;
        else timers.delete(next.id);
        next.fn();
        await settle();
      }
      now = end;
    },
  };
}

/** Numbers between 0 and 1 that are the same for the same seed (mulberry32). */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// What becomes of a form when somebody else has changed the same thing meanwhile.
//
// Guarantees: pure; a form is an object of plain values. `rebased` keeps every change of either side, and where both changed the same field,
// mine; `changedIn` and `clashes` say which fields those are. It decides nothing: the person does.

/** @param {unknown} one @param {unknown} other */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * The fields in which two forms differ.
 * @template {object} F
 * @param {F} before
 * @param {F} after
 * @returns {(keyof F & string)[]}
 */
export function changedIn(before, after) {
  const names = /** @type {(keyof F & string)[]} */ (Object.keys(after));
  return names.filter((name) => !same(before[name], after[name]));
}

/**
 * The fields that both sides changed, and not to the same.
 * @template {object} F
 * @param {F} base what both began with
 * @param {F} mine
 * @param {F} theirs
 */
export function clashes(base, mine, theirs) {
  const by_me = changedIn(base, mine);
  return changedIn(base, theirs).filter((name) => by_me.includes(name) && !same(mine[name], theirs[name]));
}

/**
 * My changes on top of theirs.
 * @template {object} F
 * @param {F} base
 * @param {F} mine
 * @param {F} theirs
 * @returns {F}
 */
export function rebased(base, mine, theirs) {
  const kept = Object.fromEntries(changedIn(base, mine).map((name) => [name, mine[name]]));
  return { ...theirs, ...kept };
}

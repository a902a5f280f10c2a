// A list of which only what is seen is in the document.
//
// Guarantees: as many rows are made as fit on the screen and a few more, however long the list is; the row with the focus stays in the
// document wherever one scrolls, so the focus survives; every row says its place and, where it is known, how many there are. All rows are of
// one height, which the style sheet decides and this measures.
// It does not decide what is in the list, or when it may move: state/order.js does.

import { h, reconcile, set } from "./dom.js";

/** Rows made above and below what is seen, so that scrolling does not show a hole. */
const OVERSCAN_ROWS = 8;
/** Until a row was measured. */
const HEIGHT_PX_GUESSED = 84;

/**
 * @template I
 * @param {import("../app/scope.js").Scope} scope
 * @param {HTMLElement} scroller
 * @param {HTMLElement} rows first in the scroller
 * @param {{make: (id: string) => HTMLElement, update: (element: HTMLElement, item: I) => void, same: (one: I, other: I) => boolean}} how
 * @param {() => void} on_resize the rows or the scroller have another size now
 */
export function makeWindow(scope, scroller, rows, how, on_resize) {
  let height_px = HEIGHT_PX_GUESSED;
  let seen_px = 0;
  /** The height that the rows in the document were placed with. */
  let drawn_px = 0;
  /** @type {WeakMap<HTMLElement, I>} what each row says */
  const written = new WeakMap();
  // As high as a row, and always there.
  const sample = h("div", { class: "rows-item row-sample", "aria-hidden": "true" });
  scroller.append(sample);
  const observer = new ResizeObserver(() => {
    seen_px = scroller.clientHeight;
    height_px = sample.offsetHeight || height_px;
    on_resize();
  });
  observer.observe(scroller);
  observer.observe(sample);
  scope.own(() => observer.disconnect());

  /** The rows that are seen, by their places; `to` is behind the last. @param {number} count */
  function seen(count) {
    const from = Math.floor(scroller.scrollTop / height_px);
    return { from: Math.min(Math.max(0, from), count), to: Math.min(count, Math.ceil((scroller.scrollTop + seen_px) / height_px)) };
  }

  return {
    seen,
    /**
     * @param {readonly string[]} ids
     * @param {number|null} total null: more than these, nobody knows how many
     * @param {string|null} kept stays in the document, seen or not
     * @param {(id: string) => I|null} item
     */
    render(ids, total, kept, item) {
      if (seen_px === 0) seen_px = scroller.clientHeight;
      const { from, to } = seen(ids.length);
      const first = Math.max(0, from - OVERSCAN_ROWS);
      const last = Math.min(ids.length, to + OVERSCAN_ROWS);
      /** @type {{id: string, at: number, item: I}[]} */
      const drawn = [];
      const add = (/** @type {number} */ at) => {
        const id = ids[at];
        const found = id === undefined ? null : item(id);
        if (id !== undefined && found !== null) drawn.push({ id, at, item: found });
      };
      const kept_at = kept === null ? -1 : ids.indexOf(kept);
      if (kept_at !== -1 && kept_at < first) add(kept_at);
      for (let at = first; at < last; at += 1) add(at);
      if (kept_at >= last) add(kept_at);
      const tall = `${ids.length * height_px}px`;
      if (rows.style.height !== tall) rows.style.height = tall;
      reconcile(rows, drawn, {
        key: (one) => one.id,
        make: (one) => how.make(one.id),
        update: (element, one) => {
          element.style.translate = `0 ${one.at * height_px}px`;
          set(element, "aria-posinset", one.at + 1);
          // A row that only moves is not written anew.
          const before = written.get(element);
          if (before === undefined || !how.same(before, one.item)) how.update(element, one.item);
          written.set(element, one.item);
        },
        same: (one, other) => one.at === other.at && how.same(one.item, other.item) && height_px === drawn_px,
      });
      for (const element of rows.children) set(element, "aria-setsize", total ?? -1);
      drawn_px = height_px;
    },
    /**
     * Scrolls as little as is needed for a row to be seen whole.
     * @param {number} at
     */
    reveal(at) {
      const top = at * height_px;
      if (top < scroller.scrollTop) scroller.scrollTop = top;
      else if (top + height_px > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + height_px - scroller.clientHeight;
    },
  };
}

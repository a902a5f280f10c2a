// The owner of timers, listeners, requests and other things that must end.
//
// Guarantees: `stop` ends everything that was begun through the scope and through its children, once; nothing begun on a
// stopped scope ever starts. It does not catch errors of the functions it calls.

export class Scope {
  #controller = new AbortController();
  /** @type {Set<() => void>} */
  #endings = new Set();

  /** Aborted when the scope stops: hand it to `fetch` and to `addEventListener`. */
  get signal() {
    return this.#controller.signal;
  }

  get stopped() {
    return this.#controller.signal.aborted;
  }

  /**
   * Listens until the scope stops.
   * @template {Event} E
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: E) => void} handler
   * @param {{capture?: boolean, passive?: boolean}} [options]
   */
  listen(target, type, handler, options = {}) {
    if (this.stopped) return;
    target.addEventListener(type, /** @type {EventListener} */ (handler), { ...options, signal: this.signal });
  }

  /**
   * Calls once after `delay_ms`; the answer cancels it.
   * @param {number} delay_ms
   * @param {() => void} action
   * @returns {() => void}
   */
  after(delay_ms, action) {
    if (this.stopped) return () => {};
    const cancel = this.own(() => clearTimeout(timer));
    const timer = setTimeout(() => {
      this.#endings.delete(cancel);
      action();
    }, delay_ms);
    return cancel;
  }

  /**
   * Calls again and again; the answer cancels it.
   * @param {number} period_ms
   * @param {() => void} action
   * @returns {() => void}
   */
  every(period_ms, action) {
    if (this.stopped) return () => {};
    const timer = setInterval(action, period_ms);
    return this.own(() => clearInterval(timer));
  }

  /**
   * Runs `ending` when the scope stops, or at once when the answer is called; never twice.
   * @param {() => void} ending
   * @returns {() => void}
   */
  own(ending) {
    if (this.stopped) {
      ending();
      return () => {};
    }
    const once = () => {
      if (this.#endings.delete(once)) ending();
    };
    this.#endings.add(once);
    return once;
  }

  /** A scope that stops with this one, or earlier. */
  child() {
    const child = new Scope();
    const forget = this.own(() => child.stop());
    child.own(() => forget());
    return child;
  }

  stop() {
    if (this.stopped) return;
    this.#controller.abort();
    for (const ending of [...this.#endings]) ending();
    this.#endings.clear();
  }
}

// Two soft notes, made here: no file is loaded.
//
// Guarantees: silent until somebody has touched the page, as browsers want it; one sound context for the life of the page.

/** Two notes, upward: hertz, and when they begin and end, in seconds. */
const NOTES = [
  { hertz: 659.26, from: 0, to: 0.22 },
  { hertz: 880, from: 0.11, to: 0.5 },
];
/** Of the loudest that there is. */
const LOUDNESS = 0.08;
const ATTACK_SECS = 0.012;

export class Sound {
  /** @type {AudioContext|null} */
  #context = null;

  /** @param {import("./scope.js").Scope} scope */
  constructor(scope) {
    scope.own(() => void this.#context?.close());
  }

  /** Makes ready; from a click or a key press, or it stays silent. */
  prepare() {
    if (typeof AudioContext === "undefined") return;
    this.#context ??= new AudioContext();
    // Without a touch the browser says no; the next one asks again.
    if (this.#context.state === "suspended") this.#context.resume().catch(() => {});
  }

  play() {
    this.prepare();
    const context = this.#context;
    if (!context || context.state === "closed") return;
    for (const { hertz, from, to } of NOTES) {
      const [start, end] = [context.currentTime + from, context.currentTime + to];
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(LOUDNESS, start + ATTACK_SECS);
      volume.gain.exponentialRampToValueAtTime(0.0001, end);
      tone.connect(volume).connect(context.destination);
      tone.start(start);
      tone.stop(end);
    }
  }
}

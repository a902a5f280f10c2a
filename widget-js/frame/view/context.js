/**
 * What the parts of the screen are handed: the state, the words, and what a visitor can do.
 *
 * Types only: this module has no code.
 *
 * @typedef {object} Actions
 * @property {(text: string, attachments: import('../wire.js').Attachment[]) => void} write
 * @property {(clientId: string) => void} resend
 * @property {(clientId: string) => void} discard
 * @property {(on: boolean) => void} typing
 * @property {() => void} reconnect
 * @property {() => void} close
 * @property {(answers: Record<string, string>) => Promise<import('../net/api.js').CallError | null>} introduce
 * @property {(file: File, onProgress: (part: number) => void) =>
 *   {done: Promise<import('../wire.js').Attachment>, abort: () => void}} upload
 * @property {(id: string) => Promise<string>} address where a file can be fetched
 * @property {() => import('../wire.js').Limits} limits
 *
 * @typedef {object} Context
 * @property {import('../text.js').Text} text
 * @property {Actions} actions
 * @property {import('../net/clock.js').Clock} clock
 * @property {import('../state/storage.js').Kept} kept
 *
 * @typedef {object} Part one part of the screen
 * @property {HTMLElement} node
 * @property {(state: import('../state/store.js').State) => void} render
 * @property {() => void} [stop] ends its timers and listeners
 */

export {};

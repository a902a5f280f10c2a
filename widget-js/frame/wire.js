/**
 * The shapes that cross the wire, as the visitor's side reads them (`tests/wire/*.json` holds an example of each).
 *
 * Types only: this module has no code.
 *
 * @typedef {{type: string, text?: string, content?: Node[], marks?: Mark[], attrs?: Record<string, unknown>}} Node
 * @typedef {{type: string, attrs?: Record<string, unknown>}} Mark
 * @typedef {{id: string, filename: string, size: number, type: string}} Attachment
 * @typedef {'visitor' | 'agent' | 'system' | 'service'} AuthorKind
 *
 * @typedef {object} WireAuthor sockets say `type`, the widget's history says `role`
 * @property {AuthorKind} [type]
 * @property {AuthorKind} [role]
 * @property {string | null} [id]
 * @property {string | null} [name]
 * @property {string | null} [avatar_url]
 *
 * @typedef {object} WireMessage
 * @property {string} id
 * @property {number} seq
 * @property {WireAuthor} author
 * @property {Node} [content]
 * @property {string} content_text
 * @property {Attachment[]} [attachments]
 * @property {'queued' | 'sent' | 'delivered' | 'read' | 'failed'} [status]
 * @property {string | null} [client_id]
 * @property {string} created_at
 *
 * @typedef {object} EventFrame
 * @property {'event'} type
 * @property {string} conversation_id
 * @property {number} seq
 * @property {number} prev
 * @property {string} event
 * @property {any} data
 * @property {string} at
 *
 * @typedef {{type: 'welcome', session_id: string, cursor: string, heartbeat_secs: number, limits: Limits}} Welcome
 * @typedef {{frame_bytes_max: number, text_chars_max: number, attachments_max: number}} Limits
 * @typedef {{type: 'ack', ref: string, message_id: string, seq: number, conversation_id: string}} Ack
 *
 * @typedef {object} Refused
 * @property {'refused'} type
 * @property {string} [ref]
 * @property {string} code
 * @property {string} detail
 * @property {'never' | 'now' | 'later'} retry
 * @property {number} [retry_after_ms]
 *
 * @typedef {{type: 'typing', conversation_id: string, on: boolean, author: WireAuthor}} Typing
 * @typedef {{type: 'resync_required', reason: string}} ResyncRequired
 * @typedef {{type: 'goodbye', reason: string, reconnect_after_ms: number}} Goodbye
 * @typedef {{type: 'pong'}} Pong
 * @typedef {EventFrame | Welcome | Ack | Refused | Typing | ResyncRequired | Goodbye | Pong} ServerFrame
 *
 * @typedef {object} FormField
 * @property {string} name
 * @property {string} label
 * @property {string} type
 * @property {boolean} required
 *
 * @typedef {object} Config
 * @property {{primaryColor?: string, position?: string, headerText?: string}} [theme]
 * @property {string} [headerText]
 * @property {FormField[]} [preChatForm]
 * @property {boolean} [allowFileUploads]
 *
 * @typedef {object} Session what `POST /api/widget/init` answers
 * @property {string} sessionToken
 * @property {string} visitorId
 * @property {Config} config
 * @property {string | null} conversationId
 * @property {string} cursor
 */

export {};

// The shapes that the server speaks to an agent, as types alone.
//
// Guarantees: nothing at run time. Each type mirrors docs/sockets.md and the OpenAPI document, snake_case as on the wire;
// the same objects live in the state unchanged, so what an event carries and what a GET answers can be compared as they are.
// Start reading at `ServerFrame`.

/** @typedef {"open"|"pending"|"snoozed"|"resolved"} ConversationStatus */
/** @typedef {"none"|"low"|"normal"|"high"|"urgent"} Priority */
/** @typedef {"queued"|"sent"|"delivered"|"read"|"failed"} MessageStatus */
/** @typedef {"online"|"away"|"offline"} PresenceStatus */
/** @typedef {"message"|"note"} MessageKind */

/** @typedef {{id: string, name: string, email: string, role: string, disabled?: boolean, presence?: PresenceStatus}} Agent */
/** @typedef {{workspace_name: string, email: string, name: string|null, role: string, expires_at: string}} InvitationLook */
/** @typedef {{id: string, name: string|null, email: string|null, avatar_url?: string|null}} ContactBrief */
/** @typedef {{kind: string, value: string}} Address */
/**
 * @typedef {ContactBrief & {phone?: string|null, verified?: boolean, addresses?: Address[],
 *   custom_attributes?: Record<string, unknown>, country?: string|null, blocked?: boolean, version?: number,
 *   created_at?: string, updated_at?: string}} Contact
 */
/** @typedef {{id: string, number: number, subject: string|null, status: string}} TicketBrief */
/** @typedef {{id: string, filename: string, size: number, type: string}} Attachment */
/** @typedef {{type: "visitor"|"agent"|"system"|"service", id: string|null, name: string|null, avatar_url?: string|null}} Author */
/**
 * A node of a message's document tree (contract, part 2).
 * @typedef {{type: string, text?: string, content?: ContentNode[], attrs?: Record<string, unknown>,
 *   marks?: {type: string, href?: string, attrs?: Record<string, unknown>}[], href?: string, src?: string, alt?: string, ordered?: boolean}} ContentNode
 */
/**
 * @typedef {{id: string, conversation_id: string, ticket_id?: string|null, seq: number, kind: MessageKind,
 *   direction: "in"|"out", author: Author, content?: ContentNode|null, content_text: string, attachments: Attachment[],
 *   reactions?: {emoji: string, author: Author}[], via?: Via, status: MessageStatus, error?: unknown, client_id?: string|null, created_at: string,
 *   edited_at?: string|null, deleted_at?: string|null}} Message
 */
/**
 * What a message has because it went over a provider.
 * @typedef {{type?: string, said_at?: string, reply_to_seq?: number, reply_to_id?: string, payload?: string, details?: Record<string, unknown>,
 *   extra?: Record<string, unknown>}} Via
 */
/**
 * A template that a provider has approved, and what is to be filled in.
 * @typedef {{key: string, component: string, example: string|null, max_length: number}} TemplateVariable
 * @typedef {{name: string, language: string, status: string, category: string, unsupported: string|null, variables: TemplateVariable[],
 *   components: {type: string, format: string|null, text: string|null, url: string|null}[]}} Template
 */
/**
 * Where a conversation's other side is at its provider; absent on the widget.
 * @typedef {{kind: string, address: Address, reply_until: string|null, human_until: string|null, opted_out: boolean, handled_elsewhere?: boolean}} Remote
 */
/**
 * @typedef {{id: string, channel_id: string, remote?: Remote, contact: ContactBrief, status: ConversationStatus, priority: Priority,
 *   assignee_id: string|null, team_id?: string|null, owner_id?: string|null, labels: string[], ticket: TicketBrief|null,
 *   unread_count: number, last_message: Message|null, seq: number, version: number, created_at: string,
 *   updated_at: string, snoozed_until?: string|null, scheduled_count?: number, trashed_at?: string|null}} Conversation
 * `snoozed_until` null, where it is snoozed: until the contact writes; `scheduled_count`: messages that wait to be sent later; `trashed_at`: since when it
 * is in the trash.
 */
/**
 * Something that the server does with many conversations, one by one.
 * @typedef {{id: string, status: "queued"|"running"|"done"|"failed", total: number, done: number, failed: number,
 *   errors: {conversation_id: string, error: {code: string, detail: string}}[], created_at: string, finished_at: string|null}} BulkJob
 */
/**
 * What is sent later; it becomes another, ordinary message.
 * @typedef {{id: string, conversation_id: string, author: Author, kind: MessageKind, content: ContentNode|null, content_text: string, attachments: Attachment[],
 *   send_at: string, status: "scheduled"|"failed", error?: string|null, via?: Via|null, version: number, created_at: string, updated_at: string}} ScheduledMessage
 */
/**
 * A Conversation as an event carries it: without what depends on the reader.
 * @typedef {Omit<Conversation, "unread_count"|"last_message"> & {changes?: Record<string, {from: unknown, to: unknown}>, permanent?: boolean}} ConversationFact
 * `permanent`, where it was deleted: for good, or in the trash.
 */
/**
 * What a kind of channel can do at its provider, and how it is told of in the list of providers.
 * @typedef {{reply_window_hours: number|null, human_window_hours: number|null, templates: boolean, reactions: boolean, edits: boolean, files: boolean,
 *   typing: boolean, text_max: number}} Capabilities
 * @typedef {{provider: string, kinds: {kind: string, capabilities: Capabilities}[]}} ProviderAbout
 */
/** @template T @typedef {{data: T[], next_cursor: string|null}} Page */

/** @typedef {{conversation_id: string, by: {type: "visitor"|"agent", id: string}, seq: number}} ReadFact */
/**
 * @typedef {{type: "event", position: number, conversation_id: string|null, seq: number|null, prev: number, event: string,
 *   data: any, at: string}} EventFrame
 */
/** @typedef {{type: "ack", ref: string, message_id: string, seq: number, conversation_id: string}} AckFrame */
/**
 * @typedef {{type: "refused", ref?: string, code: string, detail: string, retry: "never"|"now"|"later",
 *   retry_after_ms?: number, unseen?: Message[]}} RefusedFrame
 */
/** @typedef {{type: "typing", conversation_id: string, on: boolean, author: {type: string, id: string|null, name: string|null}}} TypingFrame */
/** @typedef {{type: "presence", agents: {id: string, status: PresenceStatus}[]}} PresenceFrame */
/** @typedef {{type: "viewers", conversation_id: string, agents: {id: string, name: string}[]}} ViewersFrame */
/** @typedef {{frame_bytes_max?: number, text_chars_max?: number, attachments_max?: number, topics_max?: number}} Limits */
/** @typedef {{type: "welcome", session_id: string, cursor: string, heartbeat_secs: number, limits: Limits}} WelcomeFrame */
/** @typedef {{type: "resync_required", reason: string}} ResyncFrame */
/** @typedef {{type: "goodbye", reason: string, reconnect_after_ms: number}} GoodbyeFrame */
/**
 * @typedef {EventFrame|AckFrame|RefusedFrame|TypingFrame|PresenceFrame|ViewersFrame|WelcomeFrame|ResyncFrame|GoodbyeFrame|{type: "pong"}} ServerFrame
 */

export {};

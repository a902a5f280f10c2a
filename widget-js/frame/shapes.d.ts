/**
 * The shapes of the visitor's side: what crosses the wire (`tests/wire/` holds an example of each), what is kept, and what
 * the modules promise each other.
 *
 * For readers and for the type checker (`tsc -p widget-js/jsconfig.json`); no browser loads it, so that what is said here
 * costs a visitor nothing. Start reading at `main.js`.
 */

// ---- The wire: messages ----

/** A node of a message's document tree: `paragraph`, `text`, `hardBreak`, `image`, `bulletList`, `orderedList`, `listItem`. */
interface DocNode { type: string; text?: string; content?: DocNode[]; marks?: DocMark[]; attrs?: Record<string, unknown> }
interface DocMark { type: string; attrs?: Record<string, unknown> }
interface Attachment { id: string; filename: string; size: number; type: string }
type AuthorKind = 'visitor' | 'agent' | 'system' | 'service';
/** Sockets say `type`, the widget's history says `role`. */
interface WireAuthor { type?: AuthorKind; role?: AuthorKind; id?: string | null; name?: string | null; avatar_url?: string | null }

interface WireMessage {
  id: string;
  seq: number;
  author: WireAuthor;
  content?: DocNode;
  content_text: string;
  attachments?: Attachment[];
  status?: 'queued' | 'sent' | 'delivered' | 'read' | 'failed';
  client_id?: string | null;
  created_at: string;
}

// ---- The wire: frames, see docs/sockets.md ----

interface EventFrame { type: 'event'; conversation_id: string; seq: number; prev: number; event: string; data: any; at: string }
interface Welcome { type: 'welcome'; session_id: string; cursor: string; heartbeat_secs: number; limits: Limits }
interface Limits { frame_bytes_max: number; text_chars_max: number; attachments_max: number }
interface Ack { type: 'ack'; ref: string; message_id: string; seq: number; conversation_id: string }
interface Refused { type: 'refused'; ref?: string; code: string; detail: string; retry: 'never' | 'now' | 'later'; retry_after_ms?: number }
interface TypingFrame { type: 'typing'; conversation_id: string; on: boolean; author: WireAuthor }
interface ResyncRequired { type: 'resync_required'; reason: string }
interface Goodbye { type: 'goodbye'; reason: string; reconnect_after_ms: number }
type ServerFrame = EventFrame | Welcome | Ack | Refused | TypingFrame | ResyncRequired | Goodbye | { type: 'pong' };

// ---- The wire: HTTP, see contract part "Widget API" ----

interface FormField { name: string; label: string; type: string; required: boolean }
interface Config {
  theme?: { primaryColor?: string; position?: string; headerText?: string };
  headerText?: string;
  preChatForm?: FormField[];
  allowFileUploads?: boolean;
}
/** What `POST /api/widget/init` answers. */
interface SessionAnswer { sessionToken: string; visitorId: string; config: Config; conversationId: string | null; cursor: string }
interface InitRequest { apiKey: string; visitorId?: string; metadata?: object; identity?: object }
/** A repeat of `clientId` is answered with the first result. */
interface SayRequest { sessionToken: string; message: string; attachments: string[]; clientId: string }
interface SayAnswer { messageId: string; seq: number; conversationId: string }
interface HistoryAnswer { messages: WireMessage[]; cursor: string }
type CallError = import('./net.js').CallError;
/** An upload under way; `done` fails with a {@link CallError}, also when it is aborted. */
interface Upload { done: Promise<Attachment>; abort: () => void }

// ---- The browser, as parts that a test can replace (browser.js) ----

/** Every timer of the widget is made here and is ended by who made it, with the function that comes back. */
interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  after(ms: number, fn: () => void): () => void;
  every(ms: number, fn: () => void): () => void;
}
/**
 * What is kept between pages, under one prefix per widget key. Never throws: where storage is blocked or full the values
 * live as long as the page. `get` gives undefined for what is not there or cannot be read.
 */
type Kept = ReturnType<typeof import('./browser.js').createStorage>;
/**
 * The bridge to `loader.js`: speaks with the parent window alone, and only with the origin that the frame's address
 * names. Messages are arrays: a type, then values. From the host: `settings`, `shown`, `identify`, `reset`, `locale`,
 * `theme`. To the host: `loaded`, `shut`, `keep`, `unread`, `message`, `error`.
 */
type Host = ReturnType<typeof import('./browser.js').connectHost>;
interface Settings { locale?: string; theme?: string; color?: string; position?: string }
interface HostHandlers {
  /** `page`: address, referrer, title, language. */
  settings(settings: Settings, page: string[]): void;
  shown(shown: boolean): void;
  identify(user: object): void;
  reset(): void;
  locale(locale: string): void;
  theme(theme: string): void;
}

// ---- The connection (net.js) ----

interface Credentials { token: string; cursor: string | null }
interface TransportHandlers {
  /** The server has taken us in; null over a transport that says no welcome. */
  welcome(frame: Welcome | null): void;
  frame(frame: ServerFrame): void;
  /** Exactly once: a close code, or 0 when the connection never came about or simply broke. */
  ended(code: number): void;
}
/** One connection, from `hello` to its end. It never reconnects: the link does. */
interface Transport {
  kind: 'socket' | 'stream';
  /** False if it cannot be sent here and now. */
  send(frame: object): boolean;
  /** Asks for a sign of life soon. */
  probe(): void;
  /** Ends it without calling `ended`. */
  close(): void;
}
type OpenTransport = (credentials: Credentials, on: TransportHandlers) => Transport;
type LinkStatus = 'idle' | 'connecting' | 'online' | 'waiting' | 'draining' | 'stopped';
interface LinkState { status: LinkStatus; kind: 'socket' | 'stream' | null; retryAt: number | null; code: number | null }
interface LinkParts {
  clock: Clock;
  random: () => number;
  socket: OpenTransport;
  stream: OpenTransport;
  /** Asked anew at every try. */
  credentials: () => Credentials;
  /** Makes a fresh session; false if the server refuses one for good, an error if it could not be asked. */
  renew: () => Promise<boolean>;
  onState: (state: LinkState) => void;
  onWelcome: (frame: Welcome | null) => void;
  onFrame: (frame: ServerFrame) => void;
}
/**
 * Keeps the visitor connected. At most one transport and one timer at a time; waits as docs/sockets.md says; a code of
 * 45xx is not retried but for one fresh session after 4501; where two sockets in a row never came about it lives with the
 * event stream for a while.
 */
interface Link {
  /** Connects; from a stopped link, too. */
  start(): void;
  stop(): void;
  /** Ends the transport and resumes from the cursor after the usual wait. */
  resume(): void;
  /** The network or the visitor is back: do not sit out a wait, unless the server asked for it. */
  hurry(): void;
  /** The network may be gone: find out soon. */
  probe(): void;
  /** Whether the frame was handed to an open socket. */
  send(frame: object): boolean;
}

// ---- The state (state.js) ----

interface Author { kind: AuthorKind; id: string | null; name: string | null; avatarUrl: string | null }
interface Message {
  id: string;
  seq: number;
  author: Author;
  content: DocNode | null;
  text: string;
  attachments: Attachment[];
  clientId: string | null;
  at: number;
  /** Read by the other side. */
  seen: boolean;
  failed: boolean;
  /** From before a resync, until the history confirms it. */
  stale?: boolean;
}
/** What was written and is not acknowledged yet. */
interface Outgoing {
  clientId: string;
  text: string;
  attachments: Attachment[];
  /** When it was written, milliseconds since 1970. */
  at: number;
  state: 'waiting' | 'sending' | 'failed';
  /** Why it failed. */
  code?: string;
}
interface State {
  phase: 'starting' | 'ready' | 'refused';
  config: Config;
  visitorId: string | null;
  conversationId: string | null;
  /** The part of a cursor before the dash. */
  epoch: string;
  /** `seq` of the last event that was applied: moved by events alone, so that a cursor made from it never skips anything. */
  place: number | null;
  /** By `seq`, at most {@link import('./state.js').MESSAGES_MAX}. */
  messages: Message[];
  /** The history is here. */
  loaded: boolean;
  /** There are older messages than those held. */
  shortened: boolean;
  outgoing: Outgoing[];
  /** `seq` up to which the other side has read. */
  seenByThem: number;
  /** `seq` up to which the visitor has read. */
  seenByUs: number;
  /** Who is typing on the other side. */
  typist: Author | null;
  link: LinkState;
  /** Nothing may be sent before. */
  held: { until: number; code: string } | null;
  /** The pre-chat form was answered. */
  answered: boolean;
}
type Action =
  | ({ type: 'session' } & Omit<SessionAnswer, 'sessionToken'>)
  /** `more`: there are older ones. */
  | { type: 'history'; messages: WireMessage[]; more: boolean }
  | { type: 'resync'; cursor: string }
  | { type: 'event'; frame: EventFrame }
  | { type: 'outgoing'; clientId: string; state: Outgoing['state']; code?: string }
  | { type: 'acked'; clientId: string; messageId: string; seq: number; conversationId: string; now: number }
  /** Everything that needs no rule. */
  | { type: 'set'; part: Partial<State> };
type Store = ReturnType<typeof import('./state.js').createStore>;

/** What the log shows. */
type Item = DayItem | MessageItem;
type Delivery = 'waiting' | 'sending' | 'sent' | 'seen' | 'failed';
interface DayItem { kind: 'day'; key: string; at: number }
interface MessageItem {
  kind: 'message';
  /** Stays the same from the moment of writing on. */
  key: string;
  author: Author;
  ours: boolean;
  content: DocNode | null;
  text: string;
  attachments: Attachment[];
  at: number;
  /** Of our own messages. */
  delivery: Delivery | null;
  /** The client id, while it is not acknowledged. */
  pending: string | null;
  first: boolean;
  last: boolean;
  /** The delivery is worth showing: the next message of the group does not say the same. */
  telling: boolean;
}

// ---- The session (session.js) and what goes out (outgoing.js) ----

interface SessionParts {
  apiKey: string;
  store: Store;
  kept: Kept;
  clock: Clock;
  random: () => number;
  calls: {
    init(request: InitRequest): Promise<SessionAnswer>;
    /** The newest messages, or those before a `seq`. */
    history(token: string, before?: number): Promise<HistoryAnswer>;
  };
  socket: OpenTransport;
  stream: OpenTransport;
  /** Of the page, for `init`. */
  metadata: () => object;
  /** An answer to something that was sent. */
  onAnswer: (frame: Ack | Refused) => void;
  /** Something the page's owner may want to know. */
  onError: (error: { code: string; detail: string }) => void;
}
/**
 * The visitor's session. What the server refuses for a passing reason is asked for again, with growing waits, until it
 * is there; a gap in the events is healed from the cursor, and where that does not help from the history; whatever began
 * before `restart` or `stop` has no effect after it.
 */
interface VisitorSession {
  link: Link;
  start(): void;
  restart(): void;
  stop(): void;
  token(): string;
  limits(): Limits;
  /** Says who the visitor is; the conversation goes on, or becomes the one of the person who was recognised. */
  identify(who: object): void;
  /** Hands in the answers of the pre-chat form; gives what went wrong. */
  introduce(answers: Record<string, string>): Promise<CallError | null>;
  /** Forgets the visitor and begins as a new one. */
  reset(): void;
}
/**
 * What was written and is not acknowledged, kept across pages. Entries lie under keys of their own, so two tabs never
 * overwrite each other's; should both send one, its `clientId` makes that harmless.
 */
type Outbox = ReturnType<typeof import('./outgoing.js').createOutbox>;
interface SenderParts {
  store: Store;
  outbox: Outbox;
  clock: Clock;
  session: () => Pick<VisitorSession, 'link' | 'token'>;
  say: (request: SayRequest) => Promise<SayAnswer>;
  /** A random UUID. */
  newId: () => string;
}
/**
 * Sends what was written, in that order, one in flight at a time, each until the server has acknowledged it and always
 * with the same `clientId`. What is refused for good stays, to be sent again or thrown away. Over the socket; by HTTP while
 * the link is a stream.
 */
interface Sender {
  write(text: string, attachments: Attachment[]): void;
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** An answer from the socket. */
  answer(frame: Ack | Refused): void;
  stop(): void;
}
interface ReaderParts {
  store: Store;
  kept: Kept;
  /** Whether the end of the log is before the visitor's eyes. */
  looking: () => boolean;
  send: (frame: object) => boolean;
  onUnread: (count: number) => void;
}
/** Marks as read what the visitor has seen: once, again after a reconnect if it could not be sent, and never back. */
interface Reader {
  sync(): void;
  /** The same count, in another language. */
  tellAgain(): void;
  /** Another conversation counts from its own beginning. */
  forget(): void;
  stop(): void;
}

// ---- The screen (view/) and its words (text.js) ----

type Words = ReturnType<typeof import('./text.js').createText>;
/** What a language needs for one counted sentence; `Intl.PluralRules` picks. */
interface Forms { zero?: string; one: string; two?: string; few?: string; many?: string; other: string }
/** Every language's table has these sentences. */
type Table = { [Name in keyof typeof import('./locale/en.js').default]:
  (typeof import('./locale/en.js').default)[Name] extends string ? string : Forms };
type Sentence = { [Name in keyof Table]: Table[Name] extends string ? Name : never }[keyof Table];
type Counted = Exclude<keyof Table, Sentence>;

/** What a visitor can do. */
interface Actions {
  write(text: string, attachments: Attachment[]): void;
  resend(clientId: string): void;
  discard(clientId: string): void;
  typing(on: boolean): void;
  reconnect(): void;
  close(): void;
  introduce(answers: Record<string, string>): Promise<CallError | null>;
  upload(file: File, onProgress: (part: number) => void): Upload;
  /** Where a file can be fetched. */
  address(id: string): Promise<string>;
  limits(): Limits;
}
interface Context { text: Words; actions: Actions; clock: Clock; kept: Kept }
/** One part of the screen. */
interface Part {
  node: HTMLElement;
  render(state: State): void;
  /** Ends its timers, listeners and requests. */
  stop?(): void;
}
type App = ReturnType<typeof import('./view/app.js').createApp>;

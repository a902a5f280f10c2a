//! What a refused or failed request is answered with: RFC 9457 `application/problem+json`, with a stable code from one table.
//!
//! Guarantees: every code is documented in `docs/errors.md` (a test compares); the request's id is in every problem; what went wrong
//! inside (5xx) is logged once, here, and not told to the client; problems of the widget's endpoints also carry `success` and `error`.
//!
//! Does not: decide anything.

use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError, http::StatusCode, http::header};
use actors::{conversation::AskError, conversation::Rejection, port::StoreError};
use entities::scheduled::SCHEDULED_MAX;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt;

use super::{limits::Standing, middleware::context};

/// What a handler returns.
pub type Answer<T = HttpResponse> = Result<T, Problem>;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $status:literal $code:literal $title:literal;)+) => {
        /// Why a request was not done. The table of all of them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)+ }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code as it is written on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),+ }
            }

            /// A short sentence that is always the same.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),+ }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    InvalidJson = 400 "invalid_json" "The body is not valid JSON";
    /// A parameter of the path or the query, or a header, cannot be read.
    InvalidRequest = 400 "invalid_request" "The request cannot be read";
    /// An upload without a file.
    NoFile = 400 "no_file" "No file was sent";
    /// An upload over the limit; 400 because clients of the upload endpoint expect it.
    FileTooLarge = 400 "file_too_large" "The file is too large";
    /// No token, or one that is not known, has expired or was revoked.
    Unauthenticated = 401 "unauthenticated" "Sign in first";
    /// The e-mail address or the password is wrong.
    WrongCredentials = 401 "wrong_credentials" "Wrong e-mail address or password";
    /// A visitor's session is over: call init again.
    SessionExpired = 401 "session_expired" "The session has expired";
    /// The proof of who a visitor is does not hold.
    IdentityInvalid = 401 "identity_invalid" "The identity could not be verified";
    /// This widget is for identified visitors only.
    IdentityRequired = 401 "identity_required" "This widget needs an identified visitor";
    /// The caller's role or scopes do not include this.
    Forbidden = 403 "forbidden" "Not allowed";
    /// The page's origin may not do this.
    OriginForbidden = 403 "origin_forbidden" "Origin not allowed";
    /// The widget does not take files.
    UploadsDisabled = 403 "uploads_disabled" "Uploads are turned off";
    /// The plan's limit is reached.
    QuotaExceeded = 403 "quota_exceeded" "The plan's limit is reached";
    /// There is no such thing in this workspace.
    NotFound = 404 "not_found" "Not found";
    /// The thing is there, but not for this method.
    MethodNotAllowed = 405 "method_not_allowed" "Method not allowed";
    /// The change does not fit what is stored.
    Conflict = 409 "conflict" "Conflict";
    /// The e-mail address belongs to several workspaces.
    WorkspaceRequired = 409 "workspace_required" "Which workspace?";
    /// Somebody else has replied since.
    StaleReply = 409 "stale_reply" "Somebody else has replied";
    /// The provider lets nothing be said until the contact writes again.
    WindowClosed = 409 "window_closed" "The reply window is closed";
    /// The contact wants no messages.
    OptedOut = 409 "opted_out" "The contact has opted out";
    /// The conversation is in the trash.
    InTrash = 409 "in_trash" "The conversation is in the trash";
    /// Another sender at the provider has the conversation, and the author is no person.
    HandledElsewhere = 409 "handled_elsewhere" "Another sender handles the conversation";
    /// The file lies at its provider still.
    NotFetched = 409 "not_fetched" "The file is not here yet";
    /// The delivery waits for its attempt already.
    DeliveryPending = 409 "delivery_pending" "The delivery is waiting to be sent";
    /// The webhook is disabled.
    WebhookDisabled = 409 "webhook_disabled" "The webhook is disabled";
    /// The operator has not set up the provider's app.
    AppMissing = 409 "app_missing" "The server has no app at this provider";
    /// The same idempotency key is being worked on.
    IdempotencyInProgress = 409 "idempotency_in_progress" "The first request with this key is still running";
    /// A cursor of events that is too old, or of another life of the database.
    ResyncRequired = 410 "resync_required" "Load the screen again";
    /// `If-Match` names another version than the present one.
    StaleVersion = 412 "stale_version" "The version has changed";
    /// The body is over the limit.
    PayloadTooLarge = 413 "payload_too_large" "The body is too large";
    /// The body is not of the type that is wanted here.
    UnsupportedMediaType = 415 "unsupported_media_type" "Unsupported media type";
    /// Fields that are missing, unknown or out of bounds; `errors` names them.
    ValidationFailed = 422 "validation_failed" "The request is not valid";
    /// The provider refuses the credential.
    CredentialRefused = 422 "credential_refused" "The provider refuses the credential";
    /// The idempotency key was used for another request.
    IdempotencyMismatch = 422 "idempotency_mismatch" "The key was used for another request";
    /// Too many requests.
    RateLimited = 429 "rate_limited" "Too many requests";
    /// Too many failed sign-ins.
    LockedOut = 429 "locked_out" "Too many failed attempts";
    /// A fault of ours.
    Internal = 500 "internal" "Something went wrong here";
    /// The provider could not be asked; nothing was done.
    ProviderUnreachable = 502 "provider_unreachable" "The provider cannot be reached";
    /// Too much at once; nothing was done.
    Busy = 503 "busy" "Too busy right now";
    /// The database is away; nothing was done.
    Unavailable = 503 "unavailable" "Temporarily unavailable";
}

/// One bad field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body, `?name` for a parameter of the query, or `{name}` for a part of the path.
    pub pointer: String,
    /// What is wrong, for programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub detail: String,
}

/// A refusal or failure on its way to the client.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Boxed, so that a `Result` which may hold one stays small.
    inner: Box<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    code: Code,
    detail: Option<String>,
    errors: Vec<FieldError>,
    retry_after_ms: Option<u64>,
    allow: Option<String>,
    /// The bucket that refused, for the `RateLimit-*` headers.
    standing: Option<Standing>,
    extensions: Map<String, Value>,
    /// What went wrong inside, for the log alone.
    cause: Option<String>,
}

impl Problem {
    /// A problem with this code and nothing else to say.
    #[must_use]
    pub fn new(code: Code) -> Self {
        let (errors, extensions) = (Vec::new(), Map::new());
        Self {
            inner: Box::new(Inner {
                code,
                detail: None,
                errors,
                retry_after_ms: None,
                allow: None,
                standing: None,
                extensions,
                cause: None,
            }),
        }
    }

    /// A fault of ours: the cause is logged, the client gets the code and the request's id.
    #[must_use]
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(Code::Internal).because(cause)
    }

    /// A body with one bad field.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(Code::ValidationFailed).field(pointer, code, detail)
    }

    /// Says it in a sentence: lower case, no full stop, nobody's data.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.inner.detail = Some(detail.into());
        self
    }

    /// Names a bad field by its JSON pointer.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        self.inner.errors.push(FieldError { pointer: pointer.into(), code, detail: detail.into() });
        self
    }

    /// Says when to come back; becomes `Retry-After`, rounded up to seconds.
    #[must_use]
    pub fn retry_after_ms(mut self, ms: u64) -> Self {
        self.inner.retry_after_ms = Some(ms);
        self
    }

    /// Says which bucket is empty; becomes the `RateLimit-*` headers.
    #[must_use]
    pub fn standing(mut self, standing: Standing) -> Self {
        self.inner.standing = Some(standing);
        self
    }

    /// Adds a member of its own to the document.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.inner.extensions.insert(name.to_owned(), value.into());
        self
    }

    /// Names the methods that are allowed, for 405.
    #[must_use]
    pub fn allow(mut self, methods: impl Into<String>) -> Self {
        self.inner.allow = Some(methods.into());
        self
    }

    /// Adds what went wrong inside, for the log alone.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.inner.cause = Some(cause.to_string());
        self
    }

    /// Why.
    #[must_use]
    pub fn code(&self) -> Code {
        self.inner.code
    }

    /// The sentence that the client reads.
    #[must_use]
    pub fn sentence(&self) -> &str {
        self.inner.detail.as_deref().unwrap_or(self.inner.code.title())
    }

    /// The bad fields.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.inner.errors
    }

    /// When to come back, if it was said.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        self.inner.retry_after_ms
    }

    fn document(&self, context: &context::Context) -> Map<String, Value> {
        let mut document = self.inner.extensions.clone();
        document.insert("type".into(), json!(format!("/docs/errors#{}", self.inner.code.as_str())));
        document.insert("title".into(), json!(self.inner.code.title()));
        document.insert("status".into(), json!(self.inner.code.status()));
        document.insert("detail".into(), json!(self.sentence()));
        document.insert("code".into(), json!(self.inner.code.as_str()));
        document.insert("request_id".into(), json!(context.request_id));
        if !self.inner.errors.is_empty() {
            document.insert("errors".into(), json!(self.inner.errors));
        }
        if context.widget {
            document.insert("success".into(), json!(false));
            document.insert("error".into(), json!(self.sentence()));
        }
        document
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.inner.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.inner.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let context = context::current();
        let status = self.status_code();
        if status.is_server_error() {
            let cause = self.inner.cause.as_deref().unwrap_or("none");
            tracing::error!(request.id = %context.request_id, code = self.inner.code.as_str(), cause, "a request failed");
        }
        let mut response = HttpResponseBuilder::new(status);
        response.content_type("application/problem+json").insert_header((header::CACHE_CONTROL, "no-store"));
        let retry_after_ms = self.inner.retry_after_ms.or_else(|| matches!(self.inner.code.status(), 429 | 503).then_some(1000));
        if let Some(ms) = retry_after_ms {
            response.insert_header((header::RETRY_AFTER, ms.div_ceil(1000).max(1).to_string()));
        }
        for (name, value) in self.inner.standing.iter().flat_map(Standing::headers) {
            response.insert_header((name, value));
        }
        if let Some(allow) = &self.inner.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if self.inner.code == Code::Unauthenticated {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(Value::Object(self.document(&context)).to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::new(Code::NotFound),
            StoreError::Conflict(what) => Self::new(Code::Conflict).detail(what),
            StoreError::Unavailable(cause) => Self::new(Code::Unavailable).because(cause),
        }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Rejected(rejection) => rejection.into(),
            AskError::Busy { retry_after_ms } => Self::new(Code::Busy).retry_after_ms(retry_after_ms),
            AskError::Unavailable(cause) => Self::new(Code::Unavailable).because(cause),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::NotFound => Self::new(Code::NotFound),
            Rejection::StaleReply { last_seen_seq } => {
                Self::new(Code::StaleReply).detail(format!("another agent has replied since {last_seen_seq}"))
            }
            Rejection::StaleVersion { current } => {
                Self::new(Code::StaleVersion).detail(format!("the version is {current}")).with("version", current)
            }
            Rejection::Blocked => Self::new(Code::Forbidden).detail("the contact is blocked"),
            Rejection::Empty => Self::invalid("", "empty", "a message needs text or attachments"),
            Rejection::WindowClosed { until, templates } => {
                let what = if templates { "send an approved template, or wait" } else { "wait" };
                Self::new(Code::WindowClosed)
                    .detail(format!("the provider's reply window closed at {until}: {what} until the contact writes again"))
                    .with("reply_until", until.to_string())
            }
            Rejection::OptedOut => Self::new(Code::OptedOut).detail("the contact has asked for no more messages on this channel"),
            Rejection::HandledElsewhere => Self::new(Code::HandledElsewhere)
                .detail("the provider's own automation or another app answers this contact: only a person may take the conversation over"),
            Rejection::NotFailed => Self::new(Code::Conflict).detail("only a message that failed can be sent again"),
            Rejection::Unsupported => Self::new(Code::Conflict).detail("this channel does not support it"),
            Rejection::Trashed => Self::new(Code::InTrash).detail("the conversation is in the trash: restore it first"),
            Rejection::NotTrashed => Self::new(Code::Conflict).detail("only what is in the trash can be deleted for good"),
            Rejection::TooManyScheduled => {
                Self::new(Code::Conflict).detail(format!("at most {SCHEDULED_MAX} messages can be scheduled in one conversation"))
            }
        }
    }
}

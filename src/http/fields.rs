//! Checks the fields of one body and collects what is wrong with them, so that a caller learns of everything at once.
//!
//! Guarantees: if anything was refused, [`Fields::finish`] answers 422 `validation_failed` with one entry for each field.

use entities::{TextError, Timestamp, scheduled::AHEAD_MS_MAX};

use super::problem::{Code, Problem};

/// What is wrong with a body, so far.
#[derive(Default)]
pub struct Fields {
    problem: Option<Problem>,
}

impl Fields {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes that the field at `pointer` cannot be taken: a stable word and a sentence.
    pub fn refuse(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        let problem = self.problem.take().unwrap_or_else(|| Problem::new(Code::ValidationFailed));
        self.problem = Some(problem.field(pointer, code, detail));
    }

    /// Takes a checked text, or notes why it was refused.
    pub fn text<T>(&mut self, pointer: &str, checked: Result<T, TextError>) -> Option<T> {
        match checked {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(pointer, text_code(error), error.to_string());
                None
            }
        }
    }

    /// Notes a time that is not ahead of now, or too far ahead.
    pub fn ahead(&mut self, pointer: &str, at: Timestamp, now: Timestamp) {
        if at <= now {
            self.refuse(pointer, "out_of_range", "is in the past");
        } else if at > now.plus_ms(AHEAD_MS_MAX) {
            self.refuse(pointer, "out_of_range", "is more than a year ahead");
        }
    }

    /// Whether anything was refused.
    pub fn finish(self) -> Result<(), Problem> {
        self.problem.map_or(Ok(()), Err)
    }
}

/// The stable word for a refused text.
const fn text_code(error: TextError) -> &'static str {
    match error {
        TextError::Empty => "empty",
        TextError::TooLong { .. } => "too_long",
        TextError::Control => "control_character",
        TextError::Malformed(_) => "malformed",
    }
}

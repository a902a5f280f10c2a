//! What a message says: a small document tree, and its plain form.
//!
//! Guarantees: at most [`DEPTH_MAX`] levels and [`NODES_MAX`] nodes, links are `http`, `https`, `mailto` or `tel`, and the plain form is
//! what a channel that knows no marks would send. Does not: hold HTML.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::text::{self, MESSAGE_CHARS_MAX, TextError};

/// Deepest nesting of a document.
pub const DEPTH_MAX: usize = 12;
/// Most nodes of a document.
pub const NODES_MAX: usize = 2_000;

/// A message's content: `{"type": "doc", "content": […]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Always `doc`.
    #[serde(rename = "type")]
    kind: DocumentKind,
    /// The blocks, in reading order.
    content: Vec<Block>,
}

/// The tag of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// The only kind there is.
    Doc,
}

/// A block of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Block {
    /// A run of text.
    Paragraph {
        /// Its pieces.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        content: Vec<Inline>,
    },
    /// A picture by address.
    Image {
        /// Where it lies and what it shows.
        attrs: ImageAttrs,
    },
    /// A bulleted list.
    BulletList {
        /// Its items.
        #[schema(no_recursion)]
        content: Vec<ListItem>,
    },
    /// A numbered list.
    OrderedList {
        /// Its items.
        #[schema(no_recursion)]
        content: Vec<ListItem>,
    },
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum ListItem {
    /// The only kind there is.
    ListItem {
        /// Its blocks.
        #[schema(no_recursion)]
        content: Vec<Block>,
    },
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageAttrs {
    /// An `https` or `http` address.
    pub src: String,
    /// What it shows, for who cannot see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Inline {
    /// Letters, perhaps marked.
    Text {
        /// The letters.
        text: String,
        /// How they look.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        marks: Vec<Mark>,
    },
    /// A line break inside a paragraph.
    HardBreak,
}

/// How a piece of text looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "camelCase", deny_unknown_fields)]
pub enum Mark {
    /// Strong.
    Bold,
    /// Slanted.
    Italic,
    /// As code.
    Code,
    /// Leads somewhere.
    Link {
        /// Where to.
        attrs: LinkAttrs,
    },
}

/// A link's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAttrs {
    /// `http`, `https`, `mailto` or `tel`.
    pub href: String,
}

impl Document {
    /// The document of a plain text: a paragraph for each run between blank lines, hard breaks inside.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let mut content = Vec::new();
        for paragraph in text.split("\n\n") {
            let mut pieces = Vec::new();
            for (index, line) in paragraph.lines().enumerate() {
                if index > 0 {
                    pieces.push(Inline::HardBreak);
                }
                if !line.is_empty() {
                    pieces.push(Inline::Text { text: line.to_owned(), marks: Vec::new() });
                }
            }
            content.push(Block::Paragraph { content: pieces });
        }
        Self { kind: DocumentKind::Doc, content }
    }

    /// The blocks, in reading order.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.content
    }

    /// Checks a document from outside and returns its plain form with it.
    ///
    /// # Errors
    /// [`TextError`] if it says nothing, is too long, too deep, too large, or links to something other than a web page, mail or telephone.
    pub fn check(self) -> Result<(Self, String), TextError> {
        let mut plain = Plain::default();
        plain.blocks(&self.content, 1)?;
        let text = text::lines(&plain.text, MESSAGE_CHARS_MAX)?;
        Ok((self, text))
    }
}

/// Walks a document, counts it and writes its plain form.
#[derive(Default)]
struct Plain {
    text: String,
    nodes: usize,
}

impl Plain {
    fn blocks(&mut self, blocks: &[Block], depth: usize) -> Result<(), TextError> {
        if depth > DEPTH_MAX {
            return Err(TextError::Malformed("is nested too deeply"));
        }
        for block in blocks {
            self.node()?;
            match block {
                Block::Paragraph { content } => self.paragraph(content)?,
                Block::Image { attrs } => {
                    link(&attrs.src, &["http:", "https:"])?;
                    self.text.push_str(attrs.alt.as_deref().unwrap_or(&attrs.src));
                }
                Block::BulletList { content } => self.items(content, None, depth)?,
                Block::OrderedList { content } => self.items(content, Some(1), depth)?,
            }
            self.text.push('\n');
        }
        Ok(())
    }

    fn items(&mut self, items: &[ListItem], first: Option<usize>, depth: usize) -> Result<(), TextError> {
        for (index, ListItem::ListItem { content }) in items.iter().enumerate() {
            self.node()?;
            match first {
                Some(first) => self.text.push_str(&format!("{}. ", first + index)),
                None => self.text.push_str("- "),
            }
            self.blocks(content, depth + 1)?;
        }
        Ok(())
    }

    fn paragraph(&mut self, pieces: &[Inline]) -> Result<(), TextError> {
        for piece in pieces {
            self.node()?;
            let Inline::Text { text, marks } = piece else {
                self.text.push('\n');
                continue;
            };
            self.text.push_str(text);
            for mark in marks {
                self.node()?;
                if let Mark::Link { attrs } = mark {
                    link(&attrs.href, &["http:", "https:", "mailto:", "tel:"])?;
                }
            }
        }
        Ok(())
    }

    fn node(&mut self) -> Result<(), TextError> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(TextError::Malformed("has too many parts"));
        }
        Ok(())
    }
}

fn link(address: &str, schemes: &[&str]) -> Result<(), TextError> {
    let lower = address.to_ascii_lowercase();
    let known = schemes.iter().any(|scheme| lower.starts_with(scheme));
    if !known || address.len() > 2_048 || address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(TextError::Malformed("holds a link that is not http, https, mailto or tel"));
    }
    Ok(())
}

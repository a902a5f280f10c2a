//! OpenAPI schemas of nouns that are strings of a known format, or of known words, on the wire.

use utoipa::openapi::{ObjectBuilder, RefOr, SchemaFormat, schema::Schema, schema::Type};

/// A string of the named format.
pub(crate) fn formatted(format: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom(format.to_owned()))).into()
}

/// A string that is one of the words.
pub(crate) fn words(words: &[&str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.to_vec())).into()
}

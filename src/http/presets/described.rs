//! How every kind is described: as it is shown, and with what making one needs.

use std::{borrow::Cow, marker::PhantomData};

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{Schema, SchemaType, Type},
    },
};

use super::{
    Preset,
    operations::{Frame, Shown},
};

/// A draft with which one is made: as for a change, but some fields must be there.
pub struct New<P>(PhantomData<P>);

impl<P: Preset> PartialSchema for New<P> {
    fn schema() -> RefOr<Schema> {
        let mut schema = P::Draft::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.required = P::REQUIRED.iter().map(|name| (*name).to_owned()).collect();
            let required = object.properties.iter_mut().filter(|(name, _)| P::REQUIRED.contains(&name.as_str()));
            required.for_each(|(_, schema)| never_null(schema));
        }
        schema
    }
}

/// A field that may be left out of a change must be there when one is made, and hold something.
fn never_null(schema: &mut RefOr<Schema>) {
    let is_null = |schema: &RefOr<Schema>| matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == Type::Null.into());
    let kinds = |kinds: &mut SchemaType| {
        if let SchemaType::Array(kinds) = kinds {
            kinds.retain(|kind| *kind != Type::Null);
        }
    };
    match schema {
        RefOr::T(Schema::Object(object)) => kinds(&mut object.schema_type),
        RefOr::T(Schema::Array(array)) => kinds(&mut array.schema_type),
        RefOr::T(Schema::OneOf(either)) => {
            either.items.retain(|item| !is_null(item));
            if either.items.len() == 1
                && let Some(only) = either.items.pop()
            {
                *schema = only;
            }
        }
        RefOr::T(_) | RefOr::Ref(_) => {}
    }
}

impl<P: Preset> ToSchema for New<P> {
    fn name() -> Cow<'static, str> {
        format!("Create{}", P::SCHEMA).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        P::Draft::schemas(schemas);
    }
}

impl<P: Preset> PartialSchema for Shown<P> {
    fn schema() -> RefOr<Schema> {
        let (frame, mut schema) = (Frame::schema(), P::schema());
        if let (RefOr::T(Schema::Object(frame)), RefOr::T(Schema::Object(object))) = (frame, &mut schema) {
            object.properties.extend(frame.properties);
            object.required.extend(frame.required);
        }
        schema
    }
}

impl<P: Preset> ToSchema for Shown<P> {
    fn name() -> Cow<'static, str> {
        P::SCHEMA.into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Frame::schemas(schemas);
        P::schemas(schemas);
    }
}

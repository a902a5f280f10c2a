//! How every kind is described: as it is shown, and with what making one needs.

use std::{borrow::Cow, marker::PhantomData};

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, schema::Schema},
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
        }
        schema
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

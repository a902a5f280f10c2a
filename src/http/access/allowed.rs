//! What a handler takes to say who may call it.

use std::{future::Future, marker::PhantomData, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use entities::TenantId;

use super::{
    Caller, Permit,
    identify::{app, identify},
};
use crate::http::problem::{Code, Problem};

/// A caller that may do `P`, and the workspace it may do it in.
#[derive(Debug, Clone)]
pub struct Allowed<P: Permit> {
    /// The caller's workspace: the only place from which a handler takes it.
    pub tenant_id: TenantId,
    /// Who is asking.
    pub caller: Caller,
    permit: PhantomData<P>,
}

impl<P: Permit> FromRequest for Allowed<P> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = app(&request)?;
            let identity = identify(&app, &request).await?;
            if identity.caller.may(P::PERMISSION) {
                return Ok(Self { tenant_id: identity.tenant_id, caller: identity.caller, permit: PhantomData });
            }
            Err(Problem::new(Code::Forbidden).detail(format!("this needs the permission {}", P::PERMISSION)))
        })
    }
}

/// A caller that needs no particular permission: asking who one is, signing out.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The caller's workspace.
    pub tenant_id: TenantId,
    /// Who is asking.
    pub caller: Caller,
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = app(&request)?;
            let identity = identify(&app, &request).await?;
            Ok(Self { tenant_id: identity.tenant_id, caller: identity.caller })
        })
    }
}

//! The five operations of a kind as routes, described. The handlers must have paths and types of their own, which no generic function has; what
//! they do is generic (`super::operations`).

/// Makes the routes of a kind: its type, its tag, its two paths, the name of its id, and how a sentence names it, for each operation.
macro_rules! preset_routes {
    (
        $preset:ident, $tag:tt, $all:tt, $one:tt, $id:ident, $id_text:tt, $this:tt;
        $(#[$list_doc:meta])+ list; $(#[$get_doc:meta])+ get; $(#[$create_doc:meta])+ create;
        $(#[$update_doc:meta])+ update; $(#[$delete_doc:meta])+ delete;
        $($also:path),*
    ) => {
        // The attributes are found by these names.
        use actix_web::{HttpRequest, delete, get, patch, post, web};
        use $crate::http::{
            App,
            access::{Allowed, ReadConversations},
            extract::{Json, Query, if_match},
            page::{Page, PageQuery},
            presets::operations,
        };

        type Resource = operations::Shown<$preset>;
        type Draft = <$preset as $crate::http::presets::Preset>::Draft;
        type NewDraft = $crate::http::presets::described::New<$preset>;

        /// Which one a path names.
        #[derive(Debug, Clone, Copy, serde::Deserialize)]
        pub struct ItemPath {
            /// It.
            pub $id: entities::PresetId,
        }

        /// The routes of this kind.
        pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
            config.service(list_all).service(create_one).service(get_one).service(update_one).service(delete_one)$(.service($also))*;
        }

        $(#[$list_doc])+
        #[utoipa::path(
            tag = $tag,
            params(PageQuery),
            responses((status = 200, description = "A page", body = Page<Resource>)),
        )]
        #[get($all)]
        pub async fn list_all(
            app: web::Data<App>,
            allowed: Allowed<ReadConversations>,
            query: Query<PageQuery>,
        ) -> $crate::http::problem::Answer<web::Json<Page<Resource>>> {
            operations::list(&app, &allowed, query.into_inner()).await
        }

        $(#[$get_doc])+
        #[utoipa::path(
            tag = $tag,
            params(($id_text = String, Path, format = "uuid", description = $this)),
            responses((status = 200, description = "As it is", body = Resource, headers(("ETag" = String, description = "The version, quoted")))),
        )]
        #[get($one)]
        pub async fn get_one(
            app: web::Data<App>,
            allowed: Allowed<ReadConversations>,
            path: web::Path<ItemPath>,
        ) -> $crate::http::problem::Answer {
            operations::get::<$preset>(&app, &allowed, path.$id).await
        }

        $(#[$create_doc])+
        #[utoipa::path(
            tag = $tag,
            request_body = NewDraft,
            responses((status = 201, description = "As it is", body = Resource, headers(("ETag" = String, description = "The version, quoted")))),
        )]
        #[post($all)]
        pub async fn create_one(
            app: web::Data<App>,
            allowed: Allowed<ReadConversations>,
            body: Json<Draft>,
        ) -> $crate::http::problem::Answer {
            operations::create::<$preset>(&app, &allowed, body.into_inner()).await
        }

        $(#[$update_doc])+
        #[utoipa::path(
            tag = $tag,
            params(
                ($id_text = String, Path, format = "uuid", description = $this),
                ("If-Match" = Option<String>, Header, description = "The version that the change is meant for, quoted"),
            ),
            request_body = Draft,
            responses((status = 200, description = "As it is", body = Resource, headers(("ETag" = String, description = "The version, quoted")))),
        )]
        #[patch($one)]
        pub async fn update_one(
            app: web::Data<App>,
            allowed: Allowed<ReadConversations>,
            path: web::Path<ItemPath>,
            request: HttpRequest,
            body: Json<Draft>,
        ) -> $crate::http::problem::Answer {
            operations::update::<$preset>(&app, &allowed, path.$id, if_match(&request)?, body.into_inner()).await
        }

        $(#[$delete_doc])+
        #[utoipa::path(
            tag = $tag,
            params(
                ($id_text = String, Path, format = "uuid", description = $this),
                ("If-Match" = Option<String>, Header, description = "The version that is to go, quoted"),
            ),
            responses((status = 204, description = "It is gone")),
        )]
        #[delete($one)]
        pub async fn delete_one(
            app: web::Data<App>,
            allowed: Allowed<ReadConversations>,
            path: web::Path<ItemPath>,
            request: HttpRequest,
        ) -> $crate::http::problem::Answer {
            operations::delete::<$preset>(&app, &allowed, path.$id, if_match(&request)?).await
        }
    };
}
pub(super) use preset_routes;

//! `GET /files/{id}`: the bytes of a file, to whoever has an address that was signed for an hour.
//!
//! Guarantees: the browser is told a type from a short safe list, not to guess another, and to run nothing; whole or by one range; the
//! file is streamed, never whole in memory.

use std::{io, io::SeekFrom, path::Path};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header, route, web, web::Bytes};
use entities::AttachmentId;
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt},
};
use utoipa::IntoParams;

use super::{
    address,
    fetch::require_here,
    filename, media,
    range::{self, Wanted},
    storage,
};
use crate::{
    http::{
        App,
        extract::Query,
        problem::{Answer, Code, Problem},
    },
    store::read::attachment::{self, Attachment},
};

/// Read from disk at once.
const CHUNK_BYTES: u64 = 64 * 1024;

/// The query of a file's address.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// Until when the address is good, in seconds since 1970.
    pub expires: u64,
    /// Proves that this server wrote the address.
    pub signature: String,
}

/// Gives out a file.
#[utoipa::path(
    tag = "files", params(("id" = String, Path, format = "uuid", description = "The file"), FileQuery), security(()),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = String),
        (status = 206, description = "A part of it", content_type = "application/octet-stream", body = String),
        (status = 416, description = "No such range"),
    )
)]
#[route("/files/{id}", method = "GET", method = "HEAD")]
pub async fn serve(app: web::Data<App>, request: HttpRequest, path: web::Path<String>, query: Query<FileQuery>) -> Answer {
    let bad = || Problem::new(Code::Forbidden).detail("this address is not good, or its hour is over");
    let gone = || Problem::new(Code::NotFound).detail("there is no such file");
    let id = path.into_inner().parse::<AttachmentId>().map_err(|_no_id| bad())?;
    let tenant_id = address::verify(&app.keys, id, query.0.expires, &query.0.signature, app.clock.now()).ok_or_else(bad)?;
    let found = attachment::find(&app.db, tenant_id, id).await?.ok_or_else(gone)?;
    require_here(&app, tenant_id, &found).await?;
    let on_disk = storage::path(&app, &found.storage_key).ok_or_else(|| Problem::internal("a file's storage key is not one of ours"))?;
    let file = File::open(&on_disk).await.map_err(|error| missing(&error, &on_disk))?;
    answer(&request, &found, file).await
}

fn missing(error: &io::Error, path: &Path) -> Problem {
    Problem::internal(format!("could not open the file {}: {error}", path.display()))
}

async fn answer(request: &HttpRequest, found: &Attachment, mut file: File) -> Answer {
    let size = found.shown_as.size;
    let (content_type, inline) = media::served_as(&found.shown_as.media_type);
    let etag = format!("\"{}\"", hex::encode(&found.sha256));
    let sent = |name| request.headers().get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let unchanged = sent(header::IF_NONE_MATCH).is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag));
    // A range of another version of the file would be nonsense: then the whole is sent.
    let same = sent(header::IF_RANGE).is_none_or(|tag| tag == etag);
    let wanted = if same { range::parse(sent(header::RANGE), size) } else { Wanted::Whole };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CONTENT_DISPOSITION, filename::disposition(inline, &found.shown_as.filename)))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600, immutable"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::ETAG, etag));
    if unchanged {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    let (first, length) = match wanted {
        Wanted::Whole => (0, size),
        Wanted::Part { first, last } => {
            response.status(StatusCode::PARTIAL_CONTENT).insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}")));
            (first, last - first + 1)
        }
        Wanted::Unsatisfiable => {
            response.status(StatusCode::RANGE_NOT_SATISFIABLE).insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
            return Ok(response.finish());
        }
    };
    file.seek(SeekFrom::Start(first)).await.map_err(Problem::internal)?;
    Ok(response.no_chunking(length).streaming(read(file, length)))
}

/// Reads `left` bytes piece by piece. A file that ends before that breaks the answer off, so that the client knows.
fn read(file: File, left: u64) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, left), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let mut chunk = Vec::with_capacity(left.min(CHUNK_BYTES) as usize);
        let count = (&mut file).take(left.min(CHUNK_BYTES)).read_to_end(&mut chunk).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some((Bytes::from(chunk), (file, left - count as u64))))
    })
}

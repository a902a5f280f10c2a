//! Files to be fetched, on both databases: taken up once, put off, given up, asked for again, and never another tenant's.

use entities::{
    AttachmentId, AttachmentRef, ChannelId, ConversationId, InboundMedia, MessageType, TenantId, Timestamp, inbound::MediaAuth,
};
use switchboard::store::{
    Database,
    read::attachment::{self, Fetching},
    settings::media_fetch::{self, Bytes, Taken, Wished},
};
use uuid::Uuid;

use super::journal::bench;
use crate::support::databases::{self, Fresh};

const START_MICROS: i64 = 1_774_535_400_000_000;

fn start() -> Timestamp {
    Timestamp::from_micros(START_MICROS)
}

struct Scene {
    db: Database,
    tenant_id: TenantId,
    file: AttachmentId,
    _fresh: Fresh,
}

impl Scene {
    async fn set(fresh: Fresh) -> Self {
        let bench = bench(&fresh).await;
        let tenant_id = TenantId::new(Uuid::from_u128(1));
        (bench.add_tenant)(tenant_id).await;
        let scene = Self { db: fresh.db.clone(), tenant_id, file: AttachmentId::new(Uuid::from_u128(2)), _fresh: fresh };
        scene.wish().await;
        scene
    }

    async fn wish(&self) {
        let shown_as = AttachmentRef { id: self.file, filename: "image".to_owned(), size: 0, media_type: "image/jpeg".to_owned() };
        let media = InboundMedia {
            kind: MessageType::Image,
            id: Some("2754850000000001".to_owned()),
            url: None,
            mime: Some("image/jpeg".to_owned()),
            filename: None,
            size: None,
            sha256: None,
            auth: MediaAuth::Bearer,
            expires_at: None,
        };
        let wished = [Wished { shown_as, provider_id: "wamid.1".to_owned(), media }];
        let at = (ChannelId::new(Uuid::from_u128(3)), ConversationId::new(Uuid::from_u128(4)));
        media_fetch::wish(&self.db, self.tenant_id, at, &wished, start()).await.unwrap();
    }

    async fn take(&self, at_ms: i64) -> Option<Taken> {
        let now = start().plus_ms(at_ms);
        let mut taken = media_fetch::take(&self.db, now, now.plus_ms(120_000), 4).await.unwrap();
        assert!(taken.len() <= 1, "{taken:?}");
        taken.pop()
    }

    async fn fetching(&self) -> Option<(Option<i64>, Option<String>)> {
        let found = attachment::find_fetching(&self.db, self.tenant_id, self.file).await.unwrap();
        found.map(|Fetching { due_at, error }| (due_at.map(|at| at.ms_since(start())), error))
    }

    async fn shown(&self) -> (u64, String, String) {
        let found = attachment::find(&self.db, self.tenant_id, self.file).await.unwrap().unwrap();
        (found.shown_as.size, found.shown_as.media_type, found.storage_key)
    }
}

fn bytes(key: &str) -> Bytes {
    Bytes { size: 5, media_type: "image/png".to_owned(), sha256: [9; 32], storage_key: key.to_owned() }
}

async fn is_fetched_once(scene: &Scene) {
    scene.wish().await;
    let taken = scene.take(0).await.unwrap();
    assert_eq!((taken.tries, taken.stored, taken.provider_id.as_str()), (1, false, "wamid.1"));
    assert_eq!(taken.media.as_ref().and_then(|media| media.id.as_deref()), Some("2754850000000001"));
    assert!(scene.take(1).await.is_none(), "it is being fetched");
    // The lease is over: whoever had it is dead, or late.
    let second = scene.take(120_000).await.unwrap();
    assert_eq!(second.tries, 2);
    assert!(media_fetch::store(&scene.db, &second, &bytes("ab/1")).await.unwrap());
    assert!(!media_fetch::store(&scene.db, &taken, &bytes("cd/2")).await.unwrap(), "the one that was overtaken changes nothing");
    media_fetch::put_off(&scene.db, &taken, None, "too late").await.unwrap();
    media_fetch::finish(&scene.db, &taken).await.unwrap();
    assert_eq!(scene.fetching().await, Some((Some(240_000), None)));
    assert_eq!(scene.shown().await, (5, "image/png".to_owned(), "ab/1".to_owned()));
    media_fetch::put_off(&scene.db, &second, Some(start().plus_ms(250_000)), "its message is not here").await.unwrap();
    let third = scene.take(250_000).await.unwrap();
    assert_eq!((third.tries, third.stored, third.shown_as.size), (1, true, 5));
    media_fetch::finish(&scene.db, &third).await.unwrap();
    assert_eq!(scene.fetching().await, None);
}

async fn is_given_up_and_asked_for_again(scene: &Scene) {
    let taken = scene.take(0).await.unwrap();
    media_fetch::put_off(&scene.db, &taken, Some(start().plus_ms(10_000)), "the provider answered 503").await.unwrap();
    assert_eq!(scene.fetching().await, Some((Some(10_000), Some("the provider answered 503".to_owned()))));
    assert!(scene.take(9_999).await.is_none());
    let taken = scene.take(10_000).await.unwrap();
    media_fetch::put_off(&scene.db, &taken, None, "the provider answered 404").await.unwrap();
    assert_eq!(scene.fetching().await, Some((None, Some("the provider answered 404".to_owned()))));
    assert!(scene.take(1_000_000_000).await.is_none());
    let stranger = TenantId::new(Uuid::from_u128(99));
    assert!(!media_fetch::again(&scene.db, stranger, scene.file, start()).await.unwrap(), "another tenant's");
    assert_eq!(attachment::find_fetching(&scene.db, stranger, scene.file).await.unwrap(), None);
    assert!(media_fetch::again(&scene.db, scene.tenant_id, scene.file, start().plus_ms(20_000)).await.unwrap());
    assert_eq!(scene.take(20_000).await.unwrap().tries, 1);
}

#[tokio::test]
async fn a_file_is_fetched_once_by_whoever_holds_it_last() {
    is_fetched_once(&Scene::set(databases::sqlite().await).await).await;
    is_fetched_once(&Scene::set(databases::postgres().await).await).await;
}

#[tokio::test]
async fn a_file_that_does_not_come_is_given_up_until_somebody_asks_again() {
    is_given_up_and_asked_for_again(&Scene::set(databases::sqlite().await).await).await;
    is_given_up_and_asked_for_again(&Scene::set(databases::postgres().await).await).await;
}

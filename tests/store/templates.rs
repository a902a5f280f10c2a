//! Templates, on both databases: kept as they were listed, listed again when that is due, and never another tenant's.

use entities::{CredentialId, Provider, TenantId, Timestamp, template::Template};
use sea_orm::{ConnectionTrait, Statement, Value};
use switchboard::store::{
    self, Database, read,
    settings::template::{self, Holder},
};
use uuid::Uuid;

use super::journal::bench;
use crate::support::databases::{self, Fresh};

fn at(ms: i64) -> Timestamp {
    Timestamp::from_micros(1_774_535_400_000_000).plus_ms(ms)
}

struct Scene {
    db: Database,
    of: Holder,
    stranger: TenantId,
    _fresh: Fresh,
}

impl Scene {
    async fn set(fresh: Fresh) -> Self {
        let bench = bench(&fresh).await;
        let (tenant_id, stranger) = (TenantId::new(Uuid::from_u128(1)), TenantId::new(Uuid::from_u128(2)));
        (bench.add_tenant)(tenant_id).await;
        (bench.add_tenant)(stranger).await;
        let of = Holder { tenant_id, credential_id: CredentialId::new(Uuid::from_u128(3)) };
        let scene = Self { db: fresh.db.clone(), of, stranger, _fresh: fresh };
        let sql = "INSERT INTO credential (id, tenant_id, provider, name, status, version, created_at, updated_at) \
                   VALUES ($1, $2, 'whatsapp', 'Shop', 'working', 1, 0, 0)";
        scene.run(sql, vec![of.credential_id.uuid().into(), tenant_id.uuid().into()]).await;
        scene
    }

    async fn run(&self, sql: &str, values: Vec<Value>) {
        let statement = Statement::from_sql_and_values(self.db.backend(), sql, values);
        self.db.write(async |tx| tx.execute_raw(statement).await.map_err(store::unavailable).map(|_done| ())).await.expect(sql);
    }

    async fn replace(&self, names: &[(&str, &str)], now_ms: i64, (lease_ms, due_ms): (i64, i64)) {
        let templates: Vec<Template> = names.iter().map(|(name, status)| template(name, status)).collect();
        template::replace(&self.db, self.of, &templates, at(now_ms), (at(lease_ms), at(due_ms))).await.unwrap();
    }

    /// Names and statuses, page by page.
    async fn listed(&self, status: Option<&str>) -> Vec<(String, String)> {
        let (mut after, mut all) = (None, Vec::new());
        loop {
            let page = read::template::list(&self.db, self.of.tenant_id, self.of.credential_id, status, after, 2).await.unwrap();
            all.extend(page.data.into_iter().map(|template| (template.name, template.status)));
            match page.next {
                Some(next) => after = Some(next),
                None => return all,
            }
        }
    }

    async fn take(&self, now_ms: i64, lease_ms: i64) -> Vec<Holder> {
        template::take(&self.db, at(now_ms), at(lease_ms)).await.unwrap()
    }
}

fn template(name: &str, status: &str) -> Template {
    Template {
        name: name.to_owned(),
        language: "en_US".to_owned(),
        status: status.to_owned(),
        category: "utility".to_owned(),
        components: Vec::new(),
        variables: Vec::new(),
        unsupported: None,
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, status)| ((*name).to_owned(), (*status).to_owned())).collect()
}

async fn a_list_replaces_the_one_before(scene: &Scene) {
    scene.replace(&[("c", "approved"), ("a", "approved"), ("b", "paused")], 0, (0, 1_000)).await;
    assert_eq!(scene.listed(None).await, pairs(&[("a", "approved"), ("b", "paused"), ("c", "approved")]));
    assert_eq!(scene.listed(Some("approved")).await, pairs(&[("a", "approved"), ("c", "approved")]));
    scene.replace(&[("b", "approved"), ("d", "pending"), ("d", "rejected")], 10, (0, 1_000)).await;
    assert_eq!(scene.listed(None).await, pairs(&[("b", "approved"), ("d", "rejected")]), "of doubles the last counts");
    template::set_status(&scene.db, scene.of, ("b", "en_US"), "paused").await.unwrap();
    let theirs = Holder { tenant_id: scene.stranger, ..scene.of };
    for (of, name) in [(theirs, "d"), (scene.of, "nowhere")] {
        template::set_status(&scene.db, of, (name, "en_US"), "approved").await.unwrap();
    }
    assert_eq!(scene.listed(None).await, pairs(&[("b", "paused"), ("d", "rejected")]));
    let page = read::template::list(&scene.db, scene.stranger, scene.of.credential_id, None, None, 10).await.unwrap();
    assert!(page.data.is_empty(), "another tenant sees nothing");
    assert_eq!(read::template::synced(&scene.db, scene.stranger, scene.of.credential_id).await.unwrap(), read::template::Synced::default());
}

async fn a_failure_is_kept_beside_what_is_known(scene: &Scene) {
    scene.replace(&[("a", "approved")], 0, (0, 1_000)).await;
    template::fail(&scene.db, scene.of, "the token has expired", (at(0), at(2_000))).await.unwrap();
    let synced = async || read::template::synced(&scene.db, scene.of.tenant_id, scene.of.credential_id).await.unwrap();
    let found = synced().await;
    assert_eq!((found.at, found.error.as_deref()), (Some(at(0)), Some("the token has expired")));
    assert_eq!(scene.listed(None).await, pairs(&[("a", "approved")]));
    scene.replace(&[], 10, (0, 1_000)).await;
    assert_eq!(synced().await.error, None);
}

async fn one_asks_when_it_is_due_and_a_wish_meanwhile_is_not_lost(scene: &Scene) {
    assert_eq!(template::adopt(&scene.db, Provider::Messenger, at(0)).await.unwrap(), 0);
    assert_eq!(template::adopt(&scene.db, Provider::Whatsapp, at(0)).await.unwrap(), 1);
    assert_eq!(template::adopt(&scene.db, Provider::Whatsapp, at(5)).await.unwrap(), 0, "once");
    assert_eq!(scene.take(0, 10_000).await, [scene.of]);
    assert!(scene.take(9_999, 20_000).await.is_empty(), "it is somebody's");
    template::wish(&scene.db, scene.of, at(500)).await.unwrap();
    template::wish(&scene.db, scene.of, at(700)).await.unwrap();
    scene.replace(&[("a", "approved")], 100, (10_000, 60_000)).await;
    assert!(scene.take(499, 20_000).await.is_empty());
    assert_eq!(scene.take(500, 20_000).await, [scene.of], "what was told while the list was on its way");
    scene.replace(&[("a", "approved")], 600, (20_000, 60_000)).await;
    assert!(scene.take(59_999, 70_000).await.is_empty());
    template::hold(&scene.db, scene.of, at(90_000)).await.unwrap();
    assert!(scene.take(60_000, 70_000).await.is_empty(), "it was taken up on request");
    scene.run("DELETE FROM credential", Vec::new()).await;
    assert!(scene.take(1_000_000, 2_000_000).await.is_empty());
    assert!(scene.listed(None).await.is_empty(), "an account takes its templates with it");
}

#[tokio::test]
async fn templates_are_kept_as_they_were_listed_last() {
    a_list_replaces_the_one_before(&Scene::set(databases::sqlite().await).await).await;
    a_list_replaces_the_one_before(&Scene::set(databases::postgres().await).await).await;
}

#[tokio::test]
async fn templates_that_could_not_be_listed_stay_and_say_why() {
    a_failure_is_kept_beside_what_is_known(&Scene::set(databases::sqlite().await).await).await;
    a_failure_is_kept_beside_what_is_known(&Scene::set(databases::postgres().await).await).await;
}

#[tokio::test]
async fn templates_are_asked_for_by_one_and_again_after_a_wish() {
    one_asks_when_it_is_due_and_a_wish_meanwhile_is_not_lost(&Scene::set(databases::sqlite().await).await).await;
    one_asks_when_it_is_due_and_a_wish_meanwhile_is_not_lost(&Scene::set(databases::postgres().await).await).await;
}

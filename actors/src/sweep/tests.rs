//! Stories of the sweep, under paused time.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use entities::Timestamp;

use super::{Chore, Sweep};
use crate::{
    port::{Promise, StoreError},
    testing::ManualClock,
};

/// A chore that counts its runs and ends each as it is told to.
struct Counted {
    name: &'static str,
    runs: Arc<AtomicU64>,
    end: fn(u64) -> Result<u64, StoreError>,
}

impl Chore for Counted {
    fn name(&self) -> &'static str {
        self.name
    }
    fn run(&self, _now: Timestamp) -> Promise<'_, Result<u64, StoreError>> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { (self.end)(run) })
    }
}

#[test]
fn chores_run_again_also_after_one_has_failed_or_died() {
    let system = actix::System::with_tokio_rt(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().expect("a runtime")
    });
    system.block_on(async {
        let (failing, dying) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let reports = Arc::new(Mutex::new(Vec::new()));
        let heard = reports.clone();
        let chores: Vec<Box<dyn Chore>> = vec![
            Box::new(Counted { name: "failing", runs: failing.clone(), end: |_| Err(StoreError::Unavailable("away".into())) }),
            Box::new(Counted { name: "dying", runs: dying.clone(), end: |run| if run == 0 { panic!("died") } else { Ok(7) } }),
        ];
        let report = Arc::new(move |name, rows| heard.lock().expect("lock").push((name, rows)));
        let _sweep = Sweep::start(chores, Arc::new(ManualClock::default()), Duration::from_mins(1), report);
        tokio::time::sleep(Duration::from_secs(150)).await;
        assert_eq!((failing.load(Ordering::SeqCst), dying.load(Ordering::SeqCst)), (2, 2));
        assert_eq!(*reports.lock().expect("lock"), [("failing", None), ("failing", None), ("dying", Some(7))]);
    });
}

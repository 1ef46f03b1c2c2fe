//! Jobs and the outbox: queued with what they tell of, kept until done.

use bisenzio_kernel::{Env, FixedEnv};
use bisenzio_store::testing::{TestStore, stores};
use bisenzio_store::{StoreError, jobs, outbox};

use crate::{CITY, NOTES, city, insert};

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_retried_with_pauses_and_then_given_up() {
    for TestStore { store, name, .. } in &stores(&[]).await {
        let fixed = FixedEnv::at("2026-03-11T09:00:00Z");
        let env: Env = fixed.env();
        let refused: Result<(), StoreError> = store
            .write({
                let env = env.clone();
                move |tx| {
                    jobs::enqueue(tx, &env, &city(), "mail.send", &"ghost", env.now())?;
                    Err(StoreError::Column("refused".into()))
                }
            })
            .await;
        assert!(refused.is_err());
        let now = env.now();
        let none = store.write(move |tx| jobs::claim(tx, now)).await.unwrap();
        assert!(none.is_none(), "{name}: a job of a failed use case is there");

        let queued = env.clone();
        store
            .write(move |tx| jobs::enqueue(tx, &queued, &city(), "mail.send", &"hello", queued.now()))
            .await
            .unwrap();
        let mut now = env.now();
        let mut attempts = 0;
        loop {
            let Some(job) = store.write(move |tx| jobs::claim(tx, now)).await.unwrap() else {
                break;
            };
            attempts += 1;
            assert_eq!(
                (job.attempts, job.payload.as_str()),
                (attempts, "\"hello\""),
                "{name}"
            );
            let leased = store.write(move |tx| jobs::claim(tx, now)).await.unwrap();
            assert!(leased.is_none(), "{name}: claimed twice");
            store
                .write(move |tx| jobs::fail(tx, &job, "the server is away", now))
                .await
                .unwrap();
            let early = store.write(move |tx| jobs::claim(tx, now)).await.unwrap();
            assert!(
                early.is_none(),
                "{name}: no pause before attempt {}",
                attempts + 1
            );
            now += 1_000_000 << (attempts + 1);
        }
        assert_eq!(attempts, 8, "{name}");
        let latest = store.read(|tx| jobs::latest(tx, &city(), 10)).await.unwrap();
        assert_eq!(latest.len(), 1);
        assert_eq!(
            (latest[0].state.as_str(), latest[0].last_error.as_deref()),
            ("failed", Some("the server is away"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_a_worker_that_died_goes_to_another_and_no_job_to_two() {
    for TestStore { store, name, .. } in &stores(&[]).await {
        let fixed = FixedEnv::at("2026-03-11T09:00:00Z");
        let env: Env = fixed.env();
        for number in 0..12 {
            let env = env.clone();
            store
                .write(move |tx| jobs::enqueue(tx, &env, &city(), "x.y", &number, env.now()))
                .await
                .unwrap();
        }
        let now = env.now();
        let claims: Vec<_> = (0..12)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |tx| jobs::claim(tx, now)).await })
            })
            .collect();
        let mut ids = Vec::new();
        for claim in claims {
            match claim.await.unwrap() {
                Ok(job) => ids.extend(job.map(|job| job.id)),
                Err(StoreError::Contention) => {}
                Err(other) => panic!("{name}: {other}"),
            }
        }
        let claimed = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), claimed, "{name}: a job was claimed twice");
        assert!(claimed >= 6, "{name}: only {claimed} of 12 claims got through");

        let later = now + 301 * 1_000_000;
        let job = store
            .write(move |tx| jobs::claim(tx, later))
            .await
            .unwrap()
            .expect("the lease has ended");
        store
            .write({
                let job = job.clone();
                move |tx| jobs::succeed(tx, &job, later)
            })
            .await
            .unwrap();
        let done = store.read(|tx| jobs::latest(tx, &city(), 100)).await.unwrap();
        assert_eq!(done.iter().filter(|j| j.state == "done").count(), 1, "{name}");
        let pruned = store.write(move |tx| jobs::prune(tx, later + 1)).await.unwrap();
        assert_eq!(pruned, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbox_tells_exactly_what_was_committed() {
    for TestStore { store, name, .. } in &stores(&[NOTES]).await {
        let fixed = FixedEnv::at("2026-03-11T09:00:00Z");
        let env: Env = fixed.env();
        let start = env.now();
        for number in 0..10 {
            let env = env.clone();
            let _: Result<(), StoreError> = store
                .write(move |tx| {
                    let id = format!("n{number}");
                    insert(tx, &id)?;
                    outbox::publish(tx, &env, &city(), "notes.new", &id, &number)?;
                    if number % 3 == 0 {
                        Err(StoreError::Column("refused".into()))
                    } else {
                        Ok(())
                    }
                })
                .await;
        }
        let events = store.read(move |tx| outbox::since(tx, start, 100)).await.unwrap();
        let subjects: Vec<&str> = events.iter().map(|event| event.subject.as_str()).collect();
        assert_eq!(subjects.len(), 6, "{name}: {subjects:?}");
        assert!(!subjects.contains(&"n3"), "{name}");
        assert!(
            events
                .iter()
                .all(|event| event.tenant == CITY && event.topic == "notes.new"),
            "{name}"
        );
        assert_eq!(
            store
                .read(move |tx| outbox::since(tx, start + 1, 100))
                .await
                .unwrap()
                .len(),
            0,
            "{name}"
        );
        assert_eq!(
            store.write(move |tx| outbox::prune(tx, start + 1)).await.unwrap(),
            6,
            "{name}"
        );
    }
}

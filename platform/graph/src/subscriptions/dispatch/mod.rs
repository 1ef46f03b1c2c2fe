//! Delivery. One task looks what is to be done and sees that every subscription with something to deliver has a
//! worker; workers fetch from their queue through one reader and report to one writer, which serve all who wait
//! with one transaction each.
//!
//! Between replicas a lease per subscription decides who delivers. What this process queues it delivers at once;
//! what others queued, or was left by a crash, it finds by polling.

mod actors;
mod mqtt;
mod mqtt_packets;
mod periodic;
mod send;
mod worker;

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bisenzio_kernel::{Env, Micros, TenantId};
use bisenzio_ngsi_ld::subscription::Endpoint;
use bisenzio_outbound::Outbound;
use bisenzio_store::{Engine, Store, StoreError};
use bisenzio_web::App;
use tokio::sync::Semaphore;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use url::Url;

use self::actors::{Reader, Writer};
use self::send::Sender;
use self::worker::Signals;
use super::hub::{Hub, Key};
use super::{MAX_AGE, MAX_PENDING, SECOND, compiled, queue, rows};
use crate::GraphError;

/// How often the database is asked what nobody told.
const POLL: Duration = Duration::from_millis(500);
/// Polling takes at most this part of the time: the larger the backlog, the longer the pauses.
const POLL_SHARE: u32 = 20;
const LEASE: Micros = 15 * SECOND;
const RENEW: Duration = Duration::from_secs(5);
/// Leases taken in one transaction.
const LEASES_AT_ONCE: usize = 200;
/// Attempts under way, at endpoints that are quick and at those that are slow, fail or are not known yet: the latter
/// cannot crowd out the former.
const QUICK: u32 = 256;
const SLOW: u32 = 256;
/// How long what is under way may take when the dispatcher is stopped.
const FINISH: Duration = Duration::from_secs(3);

/// What all workers share.
struct Shared {
    store: Store,
    env: Env,
    hub: Arc<Hub>,
    sender: Sender,
    reader: Reader,
    writer: Writer,
    /// Until when this replica surely has its leases.
    leased_until: AtomicI64,
    quick: Arc<Semaphore>,
    slow: Arc<Semaphore>,
}

impl Shared {
    fn is_leased(&self) -> bool {
        self.env.now() < self.leased_until.load(Ordering::Acquire)
    }

    /// Begins nothing more and waits, but not long, for what is under way: what is cut off is delivered again.
    async fn finish(&self) {
        self.leased_until.store(0, Ordering::Release);
        let all = async {
            let _quick = self.quick.acquire_many(QUICK).await;
            let _slow = self.slow.acquire_many(SLOW).await;
        };
        let _ = tokio::time::timeout(FINISH, all).await;
    }
}

/// Delivers notifications until `stop` is ready; what is being delivered then has a few seconds to end.
pub async fn run_dispatcher(app: App, stop: impl Future<Output = ()>) {
    let holder = match app.store.engine() {
        // One process has the file: after a crash it goes on at once.
        Engine::Sqlite => "local".to_owned(),
        Engine::Postgres => app.env.ulid(),
    };
    let mut tasks = JoinSet::new();
    let (reader, read_loop) = actors::reader(app.store.clone());
    let hub = app.store.memory::<Hub>();
    let (writer, write_loop) = actors::writer(app.store.clone(), hub.clone());
    tasks.spawn(read_loop);
    // Subscriptions to registrations have a queue of their own.
    tasks.spawn(crate::registrations::notices::run(app.clone()));
    let writing = tokio::spawn(write_loop);
    let mut dispatcher = Dispatcher {
        shared: Arc::new(Shared {
            store: app.store.clone(),
            env: app.env.clone(),
            hub,
            sender: Sender::of(&app),
            reader,
            writer,
            leased_until: AtomicI64::new(0),
            quick: Arc::new(Semaphore::new(QUICK as usize)),
            slow: Arc::new(Semaphore::new(SLOW as usize)),
        }),
        app: app.clone(),
        holder: holder.clone(),
        workers: HashMap::new(),
        versions: HashMap::new(),
        crew: JoinSet::new(),
        names: HashMap::new(),
        _reading: tasks,
    };
    tokio::select! {
        () = dispatcher.run() => {}
        () = stop => {}
    }
    dispatcher.shared.finish().await;
    drop(dispatcher);
    // With every worker gone and their ends of the channel, the writer ends when it has written what it was given.
    let _ = writing.await;
    let released = app.store.write(move |tx| queue::release(tx, &holder)).await;
    if let Err(error) = released {
        tracing::warn!(%error, "leases of subscriptions are kept until they run out");
    }
}

/// Whether notifications may be sent to an endpoint at all.
///
/// # Errors
/// A sentence for who makes the subscription.
pub(crate) fn check_endpoint(outbound: Option<&Outbound>, endpoint: &Endpoint) -> Result<(), String> {
    if endpoint.is_mqtt() {
        let url = match outbound {
            Some(outbound) => outbound
                .check_scheme(&endpoint.uri, &mqtt::SCHEMES)
                .map_err(|error| error.to_string())?,
            None => Url::parse(&endpoint.uri).map_err(|error| error.to_string())?,
        };
        return mqtt::target(&url, endpoint).map(|_| ());
    }
    match outbound {
        Some(outbound) => outbound
            .check(&endpoint.uri)
            .map(|_| ())
            .map_err(|error| error.to_string()),
        None => Ok(()),
    }
}

struct Dispatcher {
    shared: Arc<Shared>,
    app: App,
    holder: String,
    workers: HashMap<Key, Arc<Signals>>,
    /// Version of each city's subscriptions when last looked at.
    versions: HashMap<TenantId, Option<String>>,
    /// The workers' tasks, and which is whose. Dropped with the dispatcher, which stops them.
    crew: JoinSet<()>,
    names: HashMap<Id, Key>,
    _reading: JoinSet<()>,
}

impl Dispatcher {
    async fn run(&mut self) {
        let mut poll_at = Instant::now();
        let mut renew_at = Instant::now();
        loop {
            if Instant::now() >= renew_at {
                self.renew().await;
                renew_at = Instant::now() + RENEW;
            }
            let (woken, changed) = self.shared.hub.take();
            for key in changed {
                if let Some(signals) = self.workers.get(&key) {
                    signals.changed.notify_one();
                }
            }
            self.see_to(woken).await;
            if Instant::now() >= poll_at {
                let began = Instant::now();
                self.poll().await;
                poll_at = Instant::now() + POLL.max(began.elapsed() * POLL_SHARE);
            }
            self.bury_workers();
            let next = poll_at.min(renew_at);
            tokio::select! {
                () = self.shared.hub.bell.notified() => {}
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    /// Wakes the workers of these subscriptions; those without one get one, when no other replica has it.
    async fn see_to(&mut self, keys: impl IntoIterator<Item = Key>) {
        let mut new = Vec::new();
        for key in keys {
            match self.workers.get(&key) {
                Some(signals) => signals.queued.notify_one(),
                None => new.push(key),
            }
        }
        for some in new.chunks(LEASES_AT_ONCE) {
            match self.lease(some.to_vec()).await {
                Ok(taken) => taken.into_iter().for_each(|key| self.start(key)),
                Err(error) => tracing::error!(%error, "leases of subscriptions cannot be taken"),
            }
        }
    }

    fn start(&mut self, key: Key) {
        let signals = Arc::new(Signals::default());
        self.workers.insert(key.clone(), signals.clone());
        let task = self
            .crew
            .spawn(worker::run(self.shared.clone(), key.clone(), signals));
        self.names.insert(task.id(), key);
    }

    /// Forgets workers that have ended: their subscription is gone, or they failed and are begun anew by the poll.
    fn bury_workers(&mut self) {
        while let Some(ended) = self.crew.try_join_next_with_id() {
            let id = match ended {
                Ok((id, ())) => id,
                Err(error) => {
                    tracing::error!(%error, "the worker of a subscription failed");
                    error.id()
                }
            };
            if let Some(key) = self.names.remove(&id) {
                self.workers.remove(&key);
            }
        }
    }

    async fn lease(&self, keys: Vec<Key>) -> Result<Vec<Key>, StoreError> {
        let now = self.shared.env.now();
        let holder = self.holder.clone();
        self.shared
            .store
            .write(move |tx| {
                let mut taken = Vec::new();
                for key in &keys {
                    if queue::lease(tx, key, &holder, now, now + LEASE)? {
                        taken.push(key.clone());
                    }
                }
                Ok(taken)
            })
            .await
    }

    async fn renew(&mut self) {
        let now = self.shared.env.now();
        let until = now + LEASE;
        let had = self.shared.leased_until.load(Ordering::Acquire);
        if had != 0 && had <= now {
            // Others may have taken over meanwhile: each lease has to be taken anew.
            self.crew = JoinSet::new();
            self.names.clear();
            self.workers.clear();
        }
        let holder = self.holder.clone();
        let renewed = self
            .shared
            .store
            .write(move |tx| queue::renew(tx, &holder, until))
            .await;
        match renewed {
            Ok(()) => self.shared.leased_until.store(until, Ordering::Release),
            Err(error) => tracing::error!(%error, "leases of subscriptions cannot be kept"),
        }
    }

    async fn poll(&mut self) {
        if let Err(error) = self.look().await {
            tracing::error!(%error, "subscriptions cannot be looked after");
        }
    }

    async fn look(&mut self) -> Result<(), GraphError> {
        let cities: Vec<TenantId> = self.app.tenants.all().iter().map(|t| t.id.clone()).collect();
        let (versions, pending) = self
            .shared
            .store
            .read(move |tx| {
                let versions = cities
                    .into_iter()
                    .map(|city| Ok((city.clone(), rows::version(tx, &city)?)))
                    .collect::<Result<Vec<_>, StoreError>>()?;
                let mut waiting = queue::pending(tx)?;
                let mut sets = HashMap::new();
                waiting.retain(|p| {
                    let set = sets
                        .entry(p.key.tenant.clone())
                        .or_insert_with(|| compiled::current(tx, &p.key.tenant).ok());
                    set.as_ref()
                        .and_then(|set| set.get(&p.key.subscription))
                        .is_some()
                });
                Ok::<_, GraphError>((versions, waiting))
            })
            .await?;
        for (city, version) in versions {
            let known = self.versions.insert(city.clone(), version.clone());
            if known.is_some_and(|known| known != version) {
                for (key, signals) in &self.workers {
                    if key.tenant == city {
                        signals.changed.notify_one();
                    }
                }
            }
        }
        let now = self.shared.env.now();
        let overfull: Vec<Key> = pending
            .iter()
            .filter(|p| p.count > MAX_PENDING || p.oldest < now - MAX_AGE)
            .map(|p| p.key.clone())
            .collect();
        self.see_to(pending.into_iter().map(|p| p.key)).await;
        // Its worker does it, between deliveries.
        for signals in overfull.iter().filter_map(|key| self.workers.get(key)) {
            signals.trim();
        }
        periodic::run(&self.shared).await
    }
}

//! Subscriptions and their notifications (clause 5.8).
//!
//! A notification is queued in the transaction of the change that it tells of ([`enqueue`]), so that neither can be
//! without the other, and leaves the queue when its endpoint has taken it ([`dispatch`]): at least once, and in the
//! order of the changes of each entity. Every subscription has a queue and a worker of its own; a slow endpoint
//! delays nobody else. What cannot be delivered goes to the dead letters, where an officer finds it with its reason.

pub(crate) mod compiled;
pub(crate) mod dispatch;
pub(crate) mod enqueue;
pub(crate) mod hub;
pub(crate) mod owner;
pub(crate) mod queue;
pub(crate) mod rows;
pub(crate) mod service;

pub use dispatch::run_dispatcher;
pub use queue::DeadLetter;
pub use service::{
    Health, SubscriptionHealth, dead_letters, discard_dead_letter, health, pause, replay, replay_all, resume,
};

use bisenzio_kernel::Micros;

/// Subscriptions of one city.
pub const MAX_SUBSCRIPTIONS: i64 = 20_000;
/// Notifications that wait for one subscription; beyond it the oldest become dead letters. Looked after twice a
/// second, so a burst may exceed it for a moment.
pub const MAX_PENDING: i64 = 10_000;
/// Dead letters of one subscription; beyond it the oldest are dropped, which is counted and logged.
pub const MAX_DEAD: i64 = 10_000;
/// Attempts to deliver one notification.
pub const MAX_ATTEMPTS: i64 = 12;
/// Attempts when the endpoint answers that it will not have it (4xx).
pub const MAX_REFUSALS: i64 = 3;
/// How long a notification may wait.
pub const MAX_AGE: Micros = 24 * 3_600 * SECOND;
/// Entities in one periodic notification, and in all of one period.
pub const PERIODIC_PAGE: usize = 500;
pub const PERIODIC_MOST: usize = 10_000;

pub(crate) const SECOND: Micros = 1_000_000;

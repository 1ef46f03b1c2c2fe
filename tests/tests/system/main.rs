//! The whole system from outside, one test binary: what is promised to people, programs and operators.

mod access;
mod backup;
mod crawl;
mod durability;
mod edition;
mod note;
mod notifications;
mod start;
mod tenants;
mod traffic;

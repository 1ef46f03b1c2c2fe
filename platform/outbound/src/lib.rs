//! The only way out of the program: calls to addresses that somebody else chose (remote @contexts, subscribers'
//! endpoints, other brokers).
//!
//! Such an address can be aimed at what only this machine reaches (a metadata service, a database's console):
//! server-side request forgery. So the **address that is connected to** is checked, after the name was resolved
//! and on every connection; redirects are not followed; time and size are bounded. Private, link-local and
//! loopback ranges are refused unless the operator allows them (`[outbound] allow`).
//!
//! **Architecture invariant:** nothing else in the house opens a connection to an address that a request named.

mod client;
mod error;
mod policy;
mod resolve;

pub use client::{Outbound, OutboundRequest, OutboundResponse};
pub use error::OutboundError;
pub use policy::Policy;

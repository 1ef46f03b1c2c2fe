//! The city graph over HTTP, through the whole router, on every store.

mod attributes;
mod bad_input;
mod batch;
mod contexts;
mod distributed;
mod distributed_writing;
mod elsewhere;
mod entities;
mod house;
mod list;
mod negotiation;
mod places;
mod planning;
mod recorded;
mod registrations;
mod service;
mod who;

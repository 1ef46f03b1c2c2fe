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
mod mqtt;
mod negotiation;
mod notifications;
mod pages;
mod places;
mod planning;
mod receiver;
mod recorded;
mod registrations;
mod service;
mod subscriptions;
mod who;

//! The module over HTTP, on SQLite and (where there is one) PostgreSQL, with the network of the demo city.

mod http;
mod pages;
mod prepared;
mod support;

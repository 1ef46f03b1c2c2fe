//! The city's ground over HTTP, through the whole router, on every store.

mod house;
mod maps;
mod seeding;
mod tiles;

//! The pages and the seam over HTTP, on every store this machine can run.

mod administration;
mod audit;
mod demo;
mod house;
mod isolation;
mod sessions;
mod sharing;
mod signin;
mod tokens;

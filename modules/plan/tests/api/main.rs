//! The plan over HTTP, on every store that this machine can run.

mod city_files;
mod editing;
mod editions;
mod house;
mod interfaces;
mod note;
mod reading;
mod records;

//! What can be read off an assignment.

pub mod isochrone;
pub mod paths;
pub mod select_link;
pub mod skim;

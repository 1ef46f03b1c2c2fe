//! Readers of foreign files.

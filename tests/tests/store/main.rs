//! The store's conformance suite: every case runs on the embedded engine and on a real PostgreSQL, with a fresh store.

mod accounts;
mod ahead;
mod audit;
mod bench;
mod chain;
mod embedded;
mod feed;
mod interactions;
mod invitations;
mod key_mark;
mod partner;
mod records;
mod second_factor;
mod transactions;
mod watch;
mod way;
mod webhooks;

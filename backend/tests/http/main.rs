//! Stories over the interface of the backend, on the embedded store, in this process.

mod account;
mod access_matrix;
mod import;
mod invitation;
mod operations;
mod preview;
mod sync;
mod world;

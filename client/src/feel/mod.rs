//! How a patient feels: side effects that are reported, end, and are taken back.

mod end;
mod list;
mod open;
mod report;
mod retract;

pub(crate) use list::listed;

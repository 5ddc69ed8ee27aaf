//! The people one cares for, at a glance and one by one.

pub(crate) mod measure;
mod need;
mod page;
pub(crate) mod row;

//! A clinic: its patients by need, and its staff.

mod staff;
mod worklist;

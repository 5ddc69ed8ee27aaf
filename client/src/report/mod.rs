//! The report for the doctor: what it says, and having it made into a PDF where the device cannot do so itself.

mod open;
mod print;

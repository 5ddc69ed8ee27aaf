//! The harness of the stories: real servers, real browsers, real windows, and devices whose network can be broken.
//!
//! Nothing here stands in for a part of the product; it starts the parts, drives them, and breaks what lies between.

pub mod account;
pub mod authority;
pub mod backend;
pub mod browser;
pub mod desktop;
pub mod device;
pub mod network;
pub mod page;
pub mod place;
pub mod postgres;
pub mod process;
pub mod receiver;
pub mod seed;

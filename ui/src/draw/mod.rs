//! The pieces that screens are made of: pills, marks, icons, buttons, fields, lines about the network.

pub mod away;
pub mod chart;
pub mod dose;
pub mod field;
pub mod file;
pub mod icon;
pub mod interaction;
pub mod mark;
pub mod notice;
pub mod piece;
pub mod pill;
pub mod side_effect;

//! How much of a list one answer holds.

use crate::fault::Fault;

/// As many as were asked for with `limit`, or as many as there may be.
///
/// # Errors
/// A [`Fault::Field`] at `limit` where it is 0 or more than `most`.
pub fn limit(asked: Option<usize>, most: usize) -> Result<usize, Fault> {
    let limit = asked.unwrap_or(most);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        Err(Fault::field("limit", format!("must be from 1 to {most}")))
    }
}

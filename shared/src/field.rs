//! Reading JSON by hand, so that every refusal names the path of the field at fault.
//!
//! serde's tagged enums lose the path; this cursor keeps it. No problem text repeats what the field held: that may be
//! health data.

use std::fmt;

use serde_json::{Map, Value};
use thiserror::Error;

/// A field that holds what it must not.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {problem}")]
pub struct FieldError {
    /// The path of the field, such as `rule.times[1].at`; empty for the whole value.
    pub path: String,
    /// What is wrong, for a developer. Never repeats the value.
    pub problem: String,
}

impl FieldError {
    /// An error at `path`.
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }

    /// The same error, seen from outside the field `outer`, which holds an object: a path that begins with a bracket is the
    /// name of a field that somebody sent.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        if !self.path.is_empty() {
            self.path.insert(0, '.');
        }
        self.path.insert_str(0, outer);
        self
    }
}

/// One step of a path; steps are linked to the ones around them and written out only for an error.
#[derive(Clone, Copy)]
enum Step<'a> {
    Whole,
    Field(&'a Step<'a>, &'a str),
    Item(&'a Step<'a>, usize),
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => Ok(()),
            Self::Field(Self::Whole, name) => f.write_str(name),
            Self::Field(outer, name) => write!(f, "{outer}.{name}"),
            Self::Item(outer, index) => write!(f, "{outer}[{index}]"),
        }
    }
}

/// A place in a JSON value.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    value: &'a Value,
    step: Step<'a>,
}

impl<'a> Cursor<'a> {
    /// The whole of `value`.
    pub(crate) const fn new(value: &'a Value) -> Self {
        Self {
            value,
            step: Step::Whole,
        }
    }

    /// The value itself.
    pub(crate) const fn value(&self) -> &'a Value {
        self.value
    }

    /// An error at this place.
    pub(crate) fn refuse(&self, problem: &str) -> FieldError {
        FieldError::new(self.step.to_string(), problem)
    }

    /// An object with no fields but `known`.
    pub(crate) fn object(&'a self, known: &[&str]) -> Result<Object<'a>, FieldError> {
        let object = self.any_object()?;
        match object.map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(FieldError::new(
                Step::Field(&self.step, name).to_string(),
                "this field is not known here",
            )),
            None => Ok(object),
        }
    }

    /// An object with whatever fields.
    pub(crate) fn any_object(&'a self) -> Result<Object<'a>, FieldError> {
        match self.value {
            Value::Object(map) => Ok(Object { map, step: &self.step }),
            _ => Err(self.refuse("must be an object")),
        }
    }

    /// A text.
    pub(crate) fn text(&self) -> Result<&'a str, FieldError> {
        self.value.as_str().ok_or_else(|| self.refuse("must be a text"))
    }

    /// A whole number within `least..=most`.
    pub(crate) fn number(&self, least: u32, most: u32) -> Result<u32, FieldError> {
        self.value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.refuse(&format!("must be a whole number from {least} to {most}")))
    }

    /// The result of `read`, or none for `null`.
    pub(crate) fn optional<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, FieldError>,
    ) -> Result<Option<T>, FieldError> {
        match self.value {
            Value::Null => Ok(None),
            _ => read(self).map(Some),
        }
    }

    /// Each item of a list of `least` to `most` items, read by `read`.
    pub(crate) fn list<T>(
        &self,
        least: usize,
        most: usize,
        mut read: impl FnMut(&Cursor<'_>) -> Result<T, FieldError>,
    ) -> Result<Vec<T>, FieldError> {
        let Value::Array(items) = self.value else {
            return Err(self.refuse("must be a list"));
        };
        if !(least..=most).contains(&items.len()) {
            return Err(self.refuse(&format!("must have {least} to {most} entries")));
        }
        items
            .iter()
            .enumerate()
            .map(|(index, value)| {
                read(&Cursor {
                    value,
                    step: Step::Item(&self.step, index),
                })
            })
            .collect()
    }
}

/// An object at a place.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    map: &'a Map<String, Value>,
    step: &'a Step<'a>,
}

impl<'a> Object<'a> {
    /// The field `name`; one that is not there reads as `null`.
    pub(crate) fn get(&self, name: &'a str) -> Cursor<'a> {
        Cursor {
            value: self.map.get(name).unwrap_or(&Value::Null),
            step: Step::Field(self.step, name),
        }
    }

    /// The field `name`, which must be there.
    pub(crate) fn need(&self, name: &'a str) -> Result<Cursor<'a>, FieldError> {
        let cursor = self.get(name);
        match cursor.value {
            Value::Null => Err(cursor.refuse("is missing")),
            _ => Ok(cursor),
        }
    }

    /// Refuses any field but `known`.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), FieldError> {
        match self.map.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(FieldError::new(
                Step::Field(self.step, name).to_string(),
                "this field is not known here",
            )),
            None => Ok(()),
        }
    }
}

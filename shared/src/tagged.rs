//! Reading an enum whose variant is named by one field of its JSON object (`"kind"`).
//!
//! serde can derive this, but then it keeps what it has read in a form of its own, and every type that such an enum holds
//! is compiled a second time for reading from there: a tenth of what a browser downloads. Here the object is a
//! [`serde_json::Value`] as everywhere else, so each type is compiled once. Writing stays with serde.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Error, Map, Value};

/// An object whose variant has been read off.
pub struct Fields {
    variant: String,
    rest: Map<String, Value>,
}

impl Fields {
    /// The object that `deserializer` holds, without the field `tag`, which names the variant.
    ///
    /// # Errors
    /// It is no object, or has no such text.
    pub fn of<'de, D: Deserializer<'de>>(deserializer: D, tag: &'static str) -> Result<Self, D::Error> {
        let mut rest = Map::deserialize(deserializer)?;
        match rest.remove(tag) {
            Some(Value::String(variant)) => Ok(Self { variant, rest }),
            Some(_) => Err(D::Error::custom(format_args!("`{tag}` must be a text"))),
            None => Err(D::Error::missing_field(tag)),
        }
    }

    /// The name of the variant.
    pub fn variant(&self) -> &str {
        &self.variant
    }

    /// The field `name`; one that is not there reads as `null`.
    ///
    /// # Errors
    /// It is missing, or no `T`.
    pub fn take<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Error> {
        self.take_with(name, T::deserialize)
    }

    /// The field `name`, by a reader of its own.
    ///
    /// # Errors
    /// It is missing, or refused by the reader.
    pub fn take_with<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(Value) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.rest.remove(name) {
            Some(value) => read(value),
            None => read(Value::Null).map_err(|_| Error::missing_field(name)),
        }
    }

    /// Everything but the variant, as one value.
    ///
    /// # Errors
    /// It is no `T`.
    pub fn all<T: DeserializeOwned>(self) -> Result<T, Error> {
        serde_json::from_value(Value::Object(self.rest))
    }

    /// Refuses what has not been taken.
    ///
    /// # Errors
    /// Something is left.
    pub fn strict(&self) -> Result<(), Error> {
        match self.rest.keys().next() {
            Some(name) => Err(Error::unknown_field(name, &[])),
            None => Ok(()),
        }
    }

    /// Passes over what has not been taken: a newer version may say more.
    ///
    /// # Errors
    /// None.
    pub const fn lenient(&self) -> Result<(), Error> {
        Ok(())
    }

    /// That no variant is called so.
    pub fn no_variant(&self, known: &'static [&'static str]) -> Error {
        Error::unknown_variant(&self.variant, known)
    }
}

/// Has an enum read by the field that names its variant. `strict` refuses fields that are not known, `lenient` passes over
/// them, and `whole` is for variants that each hold one type, which decides for itself. A field can have a module that reads
/// it, as in serde's own `with`.
#[macro_export]
macro_rules! tagged {
    ($type:ident by $tag:literal, whole { $($name:literal => $variant:ident),+ $(,)? }) => {
        $crate::tagged!(@read $type, $tag, fields {
            match fields.variant() {
                $($name => fields.all().map($type::$variant),)+
                _ => Err(fields.no_variant(&[$($name),+])),
            }
        }, $($variant),+);
    };
    ($type:ident by $tag:literal, $unknown:ident { $($name:literal => $variant:ident {
        $($field:ident $(with $with:ident)?),* }),+ $(,)? }) => {
        $crate::tagged!(@read $type, $tag, fields {
            let mut fields = fields;
            let read = match fields.variant() {
                $($name => $type::$variant { $($field: $crate::tagged!(@take fields, $field $(, $with)?)),* },)+
                _ => return Err(fields.no_variant(&[$($name),+])),
            };
            fields.$unknown()?;
            Ok(read)
        }, $($variant),+);
    };
    (@read $type:ident, $tag:literal, $fields:ident $read:block, $($variant:ident),+) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // A variant that is forgotten does not compile.
                const _: fn(&$type) = |all| match all { $($type::$variant { .. })|+ => {} };
                fn read($fields: $crate::tagged::Fields) -> Result<$type, serde_json::Error> $read
                read($crate::tagged::Fields::of(deserializer, $tag)?).map_err(serde::de::Error::custom)
            }
        }
    };
    (@take $fields:ident, $field:ident) => { $fields.take(stringify!($field))? };
    (@take $fields:ident, $field:ident, $with:ident) => {
        $fields.take_with(stringify!($field), $with::deserialize)?
    };
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use serde_json::{from_value, json};

    #[derive(Debug, PartialEq, Serialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Ours {
        Once { at: u32, why: Option<String> },
        NotAtAll {},
    }

    tagged!(Ours by "kind", strict {
        "once" => Once { at, why },
        "not_at_all" => NotAtAll {},
    });

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
    enum Derived {
        Once { at: u32, why: Option<String> },
        NotAtAll {},
    }

    #[derive(Debug, PartialEq, Serialize)]
    enum Lenient {
        A { b: u32 },
    }

    tagged!(Lenient by "kind", lenient { "a" => A { b } });

    #[test]
    fn it_reads_and_refuses_what_serde_would() {
        let read = [
            json!({"kind": "once", "at": 3, "why": "so"}),
            json!({"why": null, "at": 3, "kind": "once"}),
            json!({"kind": "once", "at": 3}),
            json!({"kind": "not_at_all"}),
        ];
        for value in read {
            let (ours, derived): (Ours, Derived) = (from_value(value.clone()).unwrap(), from_value(value).unwrap());
            assert_eq!(json!(ours), json!(derived));
        }
        let refused = [
            json!({"kind": "once"}),
            json!({"kind": "once", "at": null}),
            json!({"kind": "once", "at": "3"}),
            json!({"kind": "once", "at": 3, "when": 4}),
            json!({"kind": "not_at_all", "at": 3}),
            json!({"kind": "twice", "at": 3}),
            json!({"kind": 3}),
            json!({"at": 3}),
            json!([]),
            json!(null),
        ];
        for value in refused {
            assert!(from_value::<Derived>(value.clone()).is_err(), "{value}");
            assert!(from_value::<Ours>(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (value, named) in [
            (json!({"kind": "once"}), "missing field `at`"),
            (json!({"at": 3}), "missing field `kind`"),
            (json!({"kind": "once", "at": 3, "when": 4}), "unknown field `when`"),
            (json!({"kind": "twice"}), "expected `once` or `not_at_all`"),
        ] {
            let refusal = from_value::<Ours>(value).unwrap_err().to_string();
            assert!(refusal.contains(named), "{refusal}");
        }
    }

    #[test]
    fn a_lenient_one_passes_over_what_it_does_not_know() {
        let read = from_value::<Lenient>(json!({"kind": "a", "b": 1, "c": 2})).unwrap();
        assert_eq!(read, Lenient::A { b: 1 });
    }
}

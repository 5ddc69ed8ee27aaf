//! What a JSON schema says of values that have a form of their own on the wire. Owns no behaviour: each stands for its form
//! in a derived schema, and is never made.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    api::partner::{ApiScope, ApiScopes},
    schedule::OccurrenceKey,
};

/// A type whose schema says more than its Rust type does.
macro_rules! forms {
    ($($(#[$doc:meta])* $vis:vis $name:ident => $schema:tt;)+) => {$(
        $(#[$doc])*
        $vis struct $name;

        forms!(@schema $name, stringify!($name), $schema);
    )+};
    (@schema $type:ty, $name:expr, $schema:tt) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

forms! {
    /// A zone of the IANA database.
    pub IanaZone => {
        "description": "A zone of the IANA database.",
        "type": "string",
        "examples": ["Africa/Lagos"],
    };
    /// A time of a local clock.
    pub ClockTime => {
        "description": "A time of a local clock, to the minute.",
        "type": "string",
        "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        "examples": ["08:00"],
    };
    /// A decimal number.
    pub DecimalText => {
        "description": "A decimal number, as a text so that no digit is lost.",
        "type": "string",
        "pattern": "^[0-9]+([.][0-9]+)?$",
        "examples": ["2.5"],
    };
    /// A day of the week.
    pub WeekdayName => {
        "description": "A day of the week.",
        "enum": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    };
}

forms!(@schema OccurrenceKey, "OccurrenceKey", {
    "description": "Which occurrence of a plan: date and slot at times of the local clock, revision and number at a fixed \
                    distance, and before either the medications that it follows.",
    "type": "string",
    "examples": ["2026-03-01/morning", "r1/12"],
});

impl JsonSchema for ApiScopes {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("ApiScopes")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let all: ApiScopes = ApiScope::ALL.iter().copied().collect();
        json_schema!({
            "description": "Names of scopes with a space between them (RFC 6749, section 3.3).",
            "type": "string",
            "examples": [all.to_string()],
        })
    }
}

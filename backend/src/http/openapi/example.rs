//! Examples of what is asked and of what is told. Owns nothing but where they stand in the description; they themselves are in
//! `examples.json`, by the id of the operation.

use std::sync::LazyLock;

use serde_json::{Value, from_str};

/// Adds the example of the operation `id` to it, where there is one.
pub fn add(id: &str, operation: &mut Value) {
    static ALL: LazyLock<Value> =
        LazyLock::new(|| from_str(include_str!("examples.json")).expect("a test holds each against its schema"));
    let example = &ALL[id];
    for (place, part) in [
        ("/requestBody/content", "asked"),
        ("/responses/200/content", "told"),
        ("/responses/201/content", "told"),
    ] {
        let bodies = operation.pointer_mut(place).and_then(Value::as_object_mut);
        if let (Some(bodies), Some(example)) = (bodies, example.get(part)) {
            bodies.values_mut().for_each(|body| body["example"] = example.clone());
        }
    }
}

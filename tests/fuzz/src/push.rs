//! The push of a device: operations that anyone who is signed in may send.

use doseline_shared::api::sync::{MAX_OPERATIONS, Operation, OperationBody, Push, read_operations};
use serde_json::{Value, json};

use crate::{expansion, path};

/// Each operation is refused by a path that leads somewhere, or reads as the same once it is written.
pub fn run(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
        return;
    };
    let operations = match read_operations(&value) {
        Ok(operations) => operations,
        Err(error) => {
            assert!(path::leads(&value, &error.path), "{} leads nowhere", error.path);
            return;
        }
    };
    assert!(operations.len() <= MAX_OPERATIONS);
    for (place, operation) in operations.into_iter().enumerate() {
        let body = match operation.body {
            Ok(body) => body,
            Err(error) => {
                let sent = &value["operations"][place];
                assert!(path::leads(sent, &error.path), "{} leads nowhere", error.path);
                continue;
            }
        };
        assert_eq!(body.validate(), Ok(()));
        if let OperationBody::PutMedication { medication, .. } = &body {
            expansion::hold_plan(medication);
        }
        let one = Operation { id: operation.id, body };
        let written = json!({"operations": [one]});
        let again = read_operations(&written).expect("what was read is written as it is read");
        assert_eq!(again.first().map(|again| &again.body), Some(&Ok(one.body.clone())));
        let plain: Push = serde_json::from_value(written).expect("a push is read by its shape");
        assert_eq!(plain.operations, [one]);
    }
}

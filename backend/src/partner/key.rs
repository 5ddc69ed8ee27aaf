//! The text of a key: what it is for, its id, and 256 random bits, so that it is found by its id and by those who look for
//! secrets where none should be.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use doseline_shared::id::KeyId;
use uuid::Uuid;

use crate::random;

const PREFIX: &str = "dsk_";

/// A new text for the key of this id.
pub fn fresh(id: KeyId) -> String {
    let secret = URL_SAFE_NO_PAD.encode(random::bytes::<32>());
    format!("{PREFIX}{}_{secret}", id.uuid().simple())
}

/// The id in the text of a key.
pub fn id_of(text: &str) -> Option<KeyId> {
    let (id, _) = text.strip_prefix(PREFIX)?.split_once('_')?;
    Uuid::try_parse(id).ok().map(KeyId::from_uuid)
}

/// What is kept of the text.
pub fn hash(text: &str) -> String {
    random::digest(&[b"api key", text.as_bytes()])
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_key_is_found_by_its_id_and_no_other_text_is() {
        let id = KeyId::new(DateTime::UNIX_EPOCH, [7; 10]);
        let (one, other) = (fresh(id), fresh(id));
        assert_eq!(id_of(&one), Some(id));
        assert!(one != other && hash(&one) != hash(&other) && one.len() == 80);
        for wrong in ["", "dsk_", "dsk_abc_def", "abc", &one.replace("dsk_", "dsq_")] {
            assert_eq!(id_of(wrong), None, "{wrong}");
        }
    }
}

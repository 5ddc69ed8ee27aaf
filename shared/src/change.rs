//! The hash chain over changes, and the seal over all chains. [`crate::audit`] has chains of the same kind.
//!
//! Each change of a patient carries the hash of the same patient's change before it, so that an altered, removed or
//! reordered change shows, while writers of different patients never wait on each other. The seal chains over the heads
//! of all patients, so that a shortened chain or a whole patient gone missing shows too.
//!
//! Owns the encoding that is hashed: SHA-256 over a domain label and then every field in order, numbers as eight bytes
//! big-endian, texts and optional fields with their length before them, so that no two different rows encode alike.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::id::{DeviceId, PatientId, PersonId};

/// A SHA-256 hash. Text form: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What stands before the first link of a chain, and before the first seal.
    pub const ZERO: Self = Self([0; 32]);
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a hash is written as 64 lower-case hexadecimal digits")]
pub struct NotAHash;

impl FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(NotAHash),
        };
        let text: &[u8; 64] = text.as_bytes().try_into().map_err(|_| NotAHash)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

/// One link of a chain, by what of it is hashed.
pub trait Link {
    /// Whose chain: of a patient, or of a trail.
    fn chain(&self) -> Uuid;
    /// Its place in the chain, from 1.
    fn number(&self) -> u64;
    /// Its hash, where it follows the link with hash `prev`; [`Hash::ZERO`] before the first.
    fn hash_after(&self, prev: &Hash) -> Hash;
}

/// What of a change is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Whose.
    pub patient: PatientId,
    /// Its place in the patient's chain, from 1.
    pub link: u64,
    /// The kind of record, by its name on the wire.
    pub kind: &'a str,
    /// Which record.
    pub record: Uuid,
    /// The record's version after the change.
    pub version: u64,
    /// The record after the change, exactly as it is stored.
    pub body: &'a str,
    /// Who changed it; none for the system itself, such as an import.
    pub actor: Option<PersonId>,
    /// On which device.
    pub device: Option<DeviceId>,
    /// When, to the millisecond.
    pub at: DateTime<Utc>,
    /// From which address; none for the system itself, and in changes that were written before it was noted.
    pub origin: Option<&'a str>,
    /// What allowed it; none in changes that were written before it was noted.
    pub why: Option<&'a str>,
}

/// Feeds length-prefixed fields to the hash.
pub(crate) struct Encoder(Sha256);

impl Encoder {
    pub(crate) fn new(label: &str) -> Self {
        let mut encoder = Self(Sha256::new());
        encoder.bytes(label.as_bytes());
        encoder
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.0.update(number.to_be_bytes());
    }

    pub(crate) fn id(&mut self, id: Option<Uuid>) {
        match id {
            Some(id) => self.bytes(id.as_bytes()),
            None => self.number(0),
        }
    }

    /// A text that may be empty is told from one that is not there.
    pub(crate) fn text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => {
                self.number(1);
                self.bytes(text.as_bytes());
            }
            None => self.number(0),
        }
    }

    pub(crate) fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

impl Link for Row<'_> {
    fn chain(&self) -> Uuid {
        self.patient.uuid()
    }

    fn number(&self) -> u64 {
        self.link
    }

    /// Where it came from and why are hashed where they are there: older changes hash as they always did.
    fn hash_after(&self, prev: &Hash) -> Hash {
        let whence = self.origin.is_some() || self.why.is_some();
        let mut encoder = Encoder::new(if whence {
            "doseline change 2"
        } else {
            "doseline change 1"
        });
        encoder.bytes(&prev.0);
        encoder.bytes(self.patient.uuid().as_bytes());
        encoder.number(self.link);
        encoder.bytes(self.kind.as_bytes());
        encoder.bytes(self.record.as_bytes());
        encoder.number(self.version);
        encoder.bytes(self.body.as_bytes());
        encoder.id(self.actor.map(PersonId::uuid));
        encoder.id(self.device.map(DeviceId::uuid));
        encoder.bytes(&self.at.timestamp_millis().to_be_bytes());
        if whence {
            encoder.text(self.origin);
            encoder.text(self.why);
        }
        encoder.finish()
    }
}

/// A link as it is stored, with its hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linked<L> {
    /// The link.
    pub row: L,
    /// The hash of the link before it.
    pub prev: Hash,
    /// Its own hash.
    pub hash: Hash,
}

/// A chain that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the chain breaks at link {link}: {why}")]
pub struct Broken {
    /// The link at which it was noticed.
    pub link: u64,
    /// What is wrong there.
    pub why: BrokenBy,
}

/// How a chain is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BrokenBy {
    /// A link is of another chain.
    #[error("it belongs to another chain")]
    OtherChain,
    /// A link is missing, or out of its place.
    #[error("a link before it is missing or out of its place")]
    Missing,
    /// The link does not name the one before it.
    #[error("it does not name the link before it")]
    OtherPrev,
    /// The content of a link is not what was hashed.
    #[error("its content is not what was hashed")]
    Altered,
}

/// How far a chain was followed, from before its first link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    chain: Option<Uuid>,
    /// The number of the last link; 0 before the first.
    pub link: u64,
    /// Its hash; [`Hash::ZERO`] before the first.
    pub hash: Hash,
}

impl Default for Followed {
    fn default() -> Self {
        Self {
            chain: None,
            link: 0,
            hash: Hash::ZERO,
        }
    }
}

impl Followed {
    /// Goes on to the next link, where it holds.
    pub fn on_to<L: Link>(&mut self, next: &Linked<L>) -> Result<(), Broken> {
        let broken = |why| {
            Err(Broken {
                link: next.row.number(),
                why,
            })
        };
        if *self.chain.get_or_insert(next.row.chain()) != next.row.chain() {
            return broken(BrokenBy::OtherChain);
        }
        if next.row.number() != self.link + 1 {
            return broken(BrokenBy::Missing);
        }
        if next.prev != self.hash {
            return broken(BrokenBy::OtherPrev);
        }
        if next.hash != next.row.hash_after(&self.hash) {
            return broken(BrokenBy::Altered);
        }
        self.link += 1;
        self.hash = next.hash;
        Ok(())
    }
}

/// Verifies a whole chain, in the order of its links, and gives its head: [`Hash::ZERO`] where there is no link. That the
/// chain was not cut short at its end, only the seal can tell.
pub fn verify_chain<L: Link>(links: impl IntoIterator<Item = Linked<L>>) -> Result<Hash, Broken> {
    let mut followed = Followed::default();
    for linked in links {
        followed.on_to(&linked)?;
    }
    Ok(followed.hash)
}

/// The last link of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Head {
    /// Whose chain.
    pub chain: Uuid,
    /// How many links there are.
    pub link: u64,
    /// The hash of the last one.
    pub hash: Hash,
}

/// What a seal is over. Each kind has seals of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// The chains of changes.
    Changes,
    /// The audit trails.
    Audit,
}

/// The seal over the heads of the chains that have moved, after the seal `prev`; [`Hash::ZERO`] before the first. The
/// order of `heads` does not matter.
pub fn seal_hash(of: Sealed, prev: &Hash, heads: &[Head]) -> Hash {
    let mut heads = heads.to_vec();
    heads.sort_unstable();
    let mut encoder = Encoder::new(match of {
        Sealed::Changes => "doseline seal 1",
        Sealed::Audit => "doseline audit seal 1",
    });
    encoder.bytes(&prev.0);
    encoder.number(heads.len() as u64);
    for head in heads {
        encoder.bytes(head.chain.as_bytes());
        encoder.number(head.link);
        encoder.bytes(&head.hash.0);
    }
    encoder.finish()
}

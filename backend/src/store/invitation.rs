//! One-time codes. Known by their hash only; used up by exactly one.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::invitation::OfferKind,
    id::{ClinicId, InvitationId, PatientId, PersonId},
    record::Scope,
};

use super::{Row, StoreError, Tx, params, value::word};

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Identity.
    pub id: InvitationId,
    /// What it is for.
    pub kind: OfferKind,
    /// The clinic that made it, or for which it was made.
    pub clinic: Option<ClinicId>,
    /// The patient whose record it opens, where that is known before it is used.
    pub patient: Option<PatientId>,
    /// What the grant will allow.
    pub scope: Scope,
    /// When the grant will end.
    pub grant_until: Option<DateTime<Utc>>,
    /// Who made it.
    pub made_by: PersonId,
    /// When.
    pub created: DateTime<Utc>,
    /// From when on it does not work any more.
    pub expires: DateTime<Utc>,
    /// Who has used it.
    pub used_by: Option<PersonId>,
}

impl Invitation {
    /// Whether it can be used at `now`.
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        self.used_by.is_none() && now < self.expires
    }
}

const INSERT: &str = "\
    INSERT INTO invitation \
      (id, code_hash, kind, clinic, patient, scope, grant_until, made_by, created, expires, used_by, used_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, NULL)";
const BY_CODE: &str = "\
    SELECT id, kind, clinic, patient, scope, grant_until, made_by, created, expires, used_by \
    FROM invitation WHERE code_hash = $1";
const USE_UP: &str =
    "UPDATE invitation SET used_by = $2, used_at = $3 WHERE id = $1 AND used_by IS NULL AND expires > $3";
const PRUNE: &str = "DELETE FROM invitation WHERE used_by IS NULL AND expires < $1";

/// Keeps a new invitation under the hash of its code.
///
/// # Errors
/// [`StoreError::Conflict`] where the code is taken.
pub async fn insert(tx: &mut Tx, invitation: &Invitation, code_hash: &str) -> Result<(), StoreError> {
    let values = params![
        invitation.id,
        code_hash,
        word(&invitation.kind)?,
        invitation.clinic,
        invitation.patient,
        word(&invitation.scope)?,
        invitation.grant_until,
        invitation.made_by,
        invitation.created,
        invitation.expires,
    ];
    tx.execute(INSERT, &values).await.map(drop)
}

/// The invitation with this code, whatever state it is in.
///
/// # Errors
/// [`StoreError`].
pub async fn by_code_hash(tx: &mut Tx, code_hash: &str) -> Result<Option<Invitation>, StoreError> {
    tx.query_opt(BY_CODE, &params![code_hash])
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Uses the invitation up. True for exactly one of all who try, and for nobody once it has expired.
///
/// # Errors
/// [`StoreError`].
pub async fn use_up(tx: &mut Tx, id: InvitationId, person: PersonId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tx.execute(USE_UP, &params![id, person, now]).await? > 0)
}

/// Forgets invitations that nobody has used and that expired before `before`; how many.
///
/// # Errors
/// [`StoreError`].
pub async fn prune(tx: &mut Tx, before: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(PRUNE, &params![before]).await
}

fn read(row: &Row) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.get(0)?,
        kind: row.word(1)?,
        clinic: row.get(2)?,
        patient: row.get(3)?,
        scope: row.word(4)?,
        grant_until: row.get(5)?,
        made_by: row.get(6)?,
        created: row.get(7)?,
        expires: row.get(8)?,
        used_by: row.get(9)?,
    })
}

//! Who asks, as a type: every query on patient data takes a [`Scope`], which is either one person's view at one moment
//! ([`Reader`]) or the system itself with a named reason ([`System`]). Decides nothing beyond which patients and kinds of
//! record can be seen at all; what may be done is `doseline_shared::access`.

use chrono::{DateTime, Utc};
use doseline_shared::{
    api::interactions::ListRevision,
    audit::Way,
    id::{ClinicId, PatientId, PersonId},
    record::RecordKind,
};

use super::{Param, Row, StoreError, Tx, interaction, params};

/// How much of a patient can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// Who the patient is, and who may see the patient: a front desk.
    NameOnly,
    /// Everything.
    Full,
}

impl Sight {
    /// Whether records of this kind are within it.
    pub const fn covers(self, kind: RecordKind) -> bool {
        match (self, kind) {
            (Self::Full, _) | (Self::NameOnly, RecordKind::Patient | RecordKind::Grant) => true,
            (
                Self::NameOnly,
                RecordKind::Allergy
                | RecordKind::Condition
                | RecordKind::Medication
                | RecordKind::DoseEvent
                | RecordKind::AlertRule
                | RecordKind::Alert
                | RecordKind::Dispense
                | RecordKind::StockEntry
                | RecordKind::SideEffectEntry,
            ) => false,
        }
    }

    const fn of(number: i64) -> Self {
        if number == 0 { Self::NameOnly } else { Self::Full }
    }
}

/// A patient that can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seen {
    /// Whose record.
    pub patient: PatientId,
    /// How much of it.
    pub sight: Sight,
}

/// One person's view at one moment: their own record, grants to them in force, and grants in force to clinics that they
/// work for. Made by [`reader`] only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    person: PersonId,
    now: DateTime<Utc>,
    /// Stands for the clinics in which the person works at the front desk. A cursor carries it: after a change of role,
    /// what lies before the cursor is not what the device may hold or should have.
    mark: u32,
}

impl Reader {
    /// Whose view.
    pub const fn person(&self) -> PersonId {
        self.person
    }

    /// At which moment.
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub(super) const fn mark(&self) -> u32 {
        self.mark
    }
}

/// The system itself: sees everything, for a reason that is said where it is made.
#[derive(Clone, Copy, Debug)]
pub struct System {
    reason: &'static str,
}

impl System {
    /// For this reason, in words of the code.
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }

    /// The reason.
    pub const fn reason(&self) -> &'static str {
        self.reason
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Reader {}
    impl Sealed for super::System {}
}

/// A [`Reader`] or a [`System`]; nothing else.
pub trait Scope: sealed::Sealed + Sync {
    /// How much of this patient can be seen; none for nothing.
    fn sight(&self, tx: &mut Tx, patient: PatientId) -> impl Future<Output = Result<Option<Sight>, StoreError>> + Send;

    /// Notes that records of this patient are given out.
    fn opened(&self, tx: &mut Tx, patient: PatientId);
}

impl Scope for Reader {
    async fn sight(&self, tx: &mut Tx, patient: PatientId) -> Result<Option<Sight>, StoreError> {
        let row = tx.query_one(SIGHT, &params![self.person, self.now, patient]).await?;
        Ok(row.get::<Option<i64>>(0)?.map(Sight::of))
    }

    fn opened(&self, tx: &mut Tx, patient: PatientId) {
        tx.opened(patient);
    }
}

impl Scope for System {
    async fn sight(&self, _: &mut Tx, _: PatientId) -> Result<Option<Sight>, StoreError> {
        Ok(Some(Sight::Full))
    }

    fn opened(&self, _: &mut Tx, _: PatientId) {}
}

/// The patients that person $1 sees at $2, one row for each way, with 1 for everything and 0 for the name only.
macro_rules! seen {
    () => {
        "SELECT id AS patient, 1 AS sight FROM patient WHERE person = $1 \
         UNION ALL \
         SELECT patient, 1 AS sight FROM patient_grant \
         WHERE grantee = $1 AND grantee_kind = 'caregiver' AND starts <= $2 AND ends > $2 \
         UNION ALL \
         SELECT g.patient, CASE WHEN s.role = 'front_desk' THEN 0 ELSE 1 END AS sight \
         FROM staff s JOIN patient_grant g ON g.grantee = s.clinic \
         WHERE s.person = $1 AND s.ended IS NULL AND g.grantee_kind = 'clinic' AND g.starts <= $2 AND g.ends > $2"
    };
}
pub(super) use seen;

/// Whether person $1 sees record kind `c.kind` of patient `c.patient` at $2: the same ways as `seen`, asked of one row.
macro_rules! sees {
    () => {
        "(EXISTS (SELECT 1 FROM patient p WHERE p.id = c.patient AND p.person = $1) \
         OR EXISTS (SELECT 1 FROM patient_grant g WHERE g.patient = c.patient AND g.grantee = $1 \
           AND g.grantee_kind = 'caregiver' AND g.starts <= $2 AND g.ends > $2) \
         OR EXISTS (SELECT 1 FROM patient_grant g JOIN staff s ON s.clinic = g.grantee WHERE g.patient = c.patient \
           AND g.grantee_kind = 'clinic' AND g.starts <= $2 AND g.ends > $2 AND s.person = $1 AND s.ended IS NULL \
           AND (s.role <> 'front_desk' OR c.kind IN ('patient', 'grant'))))"
    };
}
pub(super) use sees;

const FRONT_DESKS: &str =
    "SELECT clinic FROM staff WHERE person = $1 AND ended IS NULL AND role = 'front_desk' ORDER BY clinic";
const PATIENTS: &str = concat!(
    "SELECT patient, MAX(sight) FROM (",
    seen!(),
    ") ways GROUP BY patient ORDER BY patient"
);
const SIGHT: &str = "\
    SELECT MAX(sight) FROM ( \
      SELECT 1 AS sight FROM patient WHERE id = $3 AND person = $1 \
      UNION ALL \
      SELECT 1 AS sight FROM patient_grant \
      WHERE patient = $3 AND grantee = $1 AND grantee_kind = 'caregiver' AND starts <= $2 AND ends > $2 \
      UNION ALL \
      SELECT CASE WHEN s.role = 'front_desk' THEN 0 ELSE 1 END AS sight \
      FROM patient_grant g JOIN staff s ON s.clinic = g.grantee \
      WHERE g.patient = $3 AND g.grantee_kind = 'clinic' AND g.starts <= $2 AND g.ends > $2 \
        AND s.person = $1 AND s.ended IS NULL) ways";

/// What opens each of the patients $3 to person $1 at $2: 0 their own record, 1 a grant to them, 2 one to a clinic of
/// theirs, 3 one to the clinic of the system.
const WAYS: &str = "\
    SELECT patient, way, clinic FROM ( \
      SELECT id AS patient, 0 AS way, CAST(NULL AS TEXT) AS clinic FROM patient WHERE person = $1 AND id = ANY($3) \
      UNION ALL \
      SELECT patient, 1 AS way, CAST(NULL AS TEXT) AS clinic FROM patient_grant \
      WHERE patient = ANY($3) AND grantee = $1 AND grantee_kind = 'caregiver' AND starts <= $2 AND ends > $2 \
      UNION ALL \
      SELECT g.patient, CASE WHEN s.role = 'partner_system' THEN 3 ELSE 2 END AS way, s.clinic \
      FROM patient_grant g JOIN staff s ON s.clinic = g.grantee \
      WHERE g.patient = ANY($3) AND g.grantee_kind = 'clinic' AND g.starts <= $2 AND g.ends > $2 \
        AND s.person = $1 AND s.ended IS NULL) ways ORDER BY patient, way, clinic";

/// The view of `person` at `now`. What is read with it is written to the audit trail by whoever asks for it
/// ([`super::audit::read`]).
///
/// # Errors
/// [`StoreError`].
pub async fn reader(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<Reader, StoreError> {
    let clinics = tx.query(FRONT_DESKS, &params![person]).await?;
    let clinics: Vec<String> = clinics.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    let digest = ring::digest::digest(&ring::digest::SHA256, clinics.concat().as_bytes());
    let mark = digest.as_ref().first_chunk().copied().map_or(0, u32::from_be_bytes);
    Ok(Reader { person, now, mark })
}

/// Every patient that the reader sees, in the order of their ids.
///
/// # Errors
/// [`StoreError`].
pub async fn patients(tx: &mut Tx, reader: &Reader) -> Result<Vec<Seen>, StoreError> {
    tx.query(PATIENTS, &params![reader.person, reader.now])
        .await?
        .iter()
        .map(read_seen)
        .collect()
}

/// The same, with the lists of interactions that stand for what the reader sees, by their clinics: in one round trip,
/// since every pull asks for both.
///
/// # Errors
/// [`StoreError`].
pub async fn scope(tx: &mut Tx, reader: &Reader) -> Result<(Vec<Seen>, Vec<ListRevision>), StoreError> {
    let of = params![reader.person, reader.now].to_vec();
    let asked = [(PATIENTS, of.clone()), (interaction::REVISIONS, of)];
    let answers = tx.query_all(&asked).await?;
    let rows = |place: usize| answers.get(place).into_iter().flatten();
    Ok((
        rows(0).map(read_seen).collect::<Result<_, _>>()?,
        rows(1).map(interaction::revision_of).collect::<Result<_, _>>()?,
    ))
}

fn read_seen(row: &Row) -> Result<Seen, StoreError> {
    Ok(Seen {
        patient: row.get(0)?,
        sight: Sight::of(row.get(1)?),
    })
}

/// A record that was opened to someone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whose record.
    pub patient: PatientId,
    /// What opened it, the nearest of several.
    pub way: Way,
    /// The clinic whose staff they are, where that was the way.
    pub clinic: Option<ClinicId>,
}

/// Whose records the transaction has given to the reader so far, and why it could.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Damaged`] where nothing opens a record that was given out.
pub async fn opened(tx: &mut Tx, reader: &Reader) -> Result<Vec<Opened>, StoreError> {
    let patients = tx.take_opened();
    if patients.is_empty() {
        return Ok(Vec::new());
    }
    let ways = params![reader.person, reader.now, Param::list(&patients)];
    let mut opened: Vec<Opened> = Vec::with_capacity(patients.len());
    for row in tx.query(WAYS, &ways).await? {
        let patient = row.get(0)?;
        if opened.last().is_some_and(|last| last.patient == patient) {
            continue;
        }
        let way = match row.get::<i64>(1)? {
            0 => Way::Own,
            1 => Way::Caregiver,
            2 => Way::Staff,
            _ => Way::PartnerSystem,
        };
        opened.push(Opened {
            patient,
            way,
            clinic: row.get(2)?,
        });
    }
    if opened.len() == patients.len() {
        Ok(opened)
    } else {
        Err(StoreError::Damaged("a record was opened that nothing opens"))
    }
}

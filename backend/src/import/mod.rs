//! Import: a clinic's records from files of other systems.
//!
//! Each file is one transaction: all of it or nothing. Importing a file twice changes nothing; a changed resource is
//! merged with what patient and clinic have changed since, and what clashes stays as they set it.

mod apply;
pub mod fhir;
mod report;

use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use doseline_shared::id::ClinicId;

pub use self::report::{Did, Report};
use crate::{
    app::Clock,
    fault::Fault,
    store::{self, Store, Tx},
};

/// An import that did not take place.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be. Nothing of it was kept.
    #[error("{path}: at {fault}\nNothing of this file was imported.")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and what.
        fault: fhir::Malformed,
    },
    /// There is no such clinic.
    #[error("there is no clinic {0:?}; `doseline-backend admin list-clinics` lists them")]
    NoClinic(String),
    /// There are several clinics, or none, and none was named.
    #[error("name the clinic with --clinic: there are {0} of them")]
    WhichClinic(usize),
    /// The store.
    #[error(transparent)]
    Failed(#[from] Fault),
}

/// The clinic that `named` names by id or name; the only one, where none is named.
pub async fn clinic(store: &Store, named: Option<String>) -> Result<ClinicId, ImportError> {
    let clinics = store
        .read(async |tx: &mut Tx| Ok::<_, Fault>(store::clinic::list(tx).await?))
        .await?;
    match (named, clinics.as_slice()) {
        (None, [only]) => Ok(only.id),
        (None, several) => Err(ImportError::WhichClinic(several.len())),
        (Some(named), _) => clinics
            .iter()
            .find(|clinic| clinic.id.to_string() == named || clinic.name == named)
            .map(|clinic| clinic.id)
            .ok_or(ImportError::NoClinic(named)),
    }
}

/// Imports a FHIR R4 bundle for `clinic`.
pub async fn import_fhir(
    store: &Store,
    clock: &Clock,
    file: &Path,
    clinic: ClinicId,
    zone: Tz,
) -> Result<Report, ImportError> {
    let text = std::fs::read_to_string(file).map_err(|source| ImportError::Io {
        path: file.to_owned(),
        source,
    })?;
    let place = fhir::Place {
        clinic,
        zone,
        now: clock(),
    };
    let intake = fhir::read(&text, &place).map_err(|fault| ImportError::Malformed {
        path: file.to_owned(),
        fault,
    })?;
    let report = Report::new(file, zone, &intake);
    let (did, notes) = apply::apply(store, place, intake.records).await?;
    Ok(report.with(did, notes))
}

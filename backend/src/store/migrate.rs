//! The schema: the same migration files on both engines. Append-only: expand, move, contract.

use std::time::Duration;

use refinery::{Runner, error::Kind};
use rusqlite::Connection;
use uuid::Uuid;

use super::StoreError;

mod files {
    refinery::embed_migrations!("migrations");
}

/// Gives a new store its first epoch.
pub(super) const FIRST_EPOCH: &str =
    "INSERT INTO store (id, epoch, cluster, tx_base) VALUES (1, $1, '', 0) ON CONFLICT (id) DO NOTHING";

fn runner() -> Runner {
    // A store that a newer version has written to is left alone.
    files::migrations::runner()
        .set_abort_missing(true)
        .set_abort_divergent(true)
}

/// A fresh epoch.
pub(super) fn epoch() -> String {
    Uuid::now_v7().to_string()
}

/// Brings the embedded store up to date.
pub(super) fn embedded(connection: &mut Connection) -> Result<(), StoreError> {
    let mut result = runner().run(connection);
    // Two processes that open a fresh file at once: the slower one finds the tables made.
    for _ in 0..5 {
        if result.is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
        result = runner().run(connection);
    }
    result.map_err(|error| failed(&error))?;
    connection.execute(&FIRST_EPOCH.replace('$', "?"), [epoch()])?;
    Ok(())
}

/// Brings PostgreSQL up to date; the caller holds the lock under which no one else does.
pub(super) async fn postgres(client: &mut tokio_postgres::Client) -> Result<(), StoreError> {
    runner().run_async(client).await.map_err(|error| failed(&error))?;
    client.execute(FIRST_EPOCH, &[&epoch()]).await?;
    Ok(())
}

fn failed(error: &refinery::Error) -> StoreError {
    match error.kind() {
        Kind::MissingVersion(_) | Kind::DivergentVersion(..) => StoreError::OtherVersion,
        Kind::Connection(..) => StoreError::Failed("a migration did not run".to_owned()),
        _ => StoreError::Failed("the migrations cannot be read".to_owned()),
    }
}

//! The raw engines: the very rows that a backend has written, written again by nothing but the engine, into the same
//! tables with the same indexes at the same durability.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use doseline_backend::config::key_file::MasterKey;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tokio_postgres::NoTls;

/// The rows of one dose entry: its change, its record, its stored result, and the head of its patient's chain.
const TABLES: [&str; 3] = ["change", "record", "operation"];
const HEAD: &str = "UPDATE patient SET link = ?2, hash = ?3 WHERE id = ?1";
const HEAD_POSTGRES: &str = "UPDATE patient SET link = $2, hash = $3 WHERE id = $1";

/// What one entry is made of.
struct Entry {
    /// The rows for [`TABLES`], in that order.
    rows: [Vec<Value>; 3],
    patient: String,
    link: i64,
    hash: String,
}

/// Writes the entries of the embedded store at `database` again, `group` in each transaction; entries per second.
pub fn sqlite(database: &Path, key_file: &Path, group: usize) -> Result<f64> {
    let key = MasterKey::load(key_file)?.store_key();
    let source = open(database, &key)?;
    let entries = entries(&source)?;
    ensure!(entries.len() > 1000, "only {} entries to write again", entries.len());
    let folder = tempfile::tempdir()?;
    let target = open(&folder.path().join("raw.db"), &key)?;
    copy_schema(&source, &target)?;
    let inserts = inserts(&source)?;

    let begun = Instant::now();
    for chunk in entries.chunks(group) {
        target.execute_batch("BEGIN IMMEDIATE")?;
        for entry in chunk {
            for (sql, row) in inserts.iter().zip(&entry.rows) {
                target.prepare_cached(sql)?.execute(params_from_iter(row))?;
            }
            target
                .prepare_cached(HEAD)?
                .execute((&entry.patient, entry.link, &entry.hash))?;
        }
        target.execute_batch("COMMIT")?;
    }
    Ok(entries.len() as f64 / begun.elapsed().as_secs_f64())
}

fn open(path: &Path, key: &[u8; 32]) -> Result<Connection> {
    let connection = Connection::open(path)?;
    let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    connection.execute_batch(&format!("PRAGMA key = \"x'{digits}'\""))?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
    )?;
    Ok(connection)
}

fn columns(source: &Connection, table: &str) -> Result<Vec<String>> {
    let mut statement = source.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
    let names = statement
        .query_map([table], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    ensure!(!names.is_empty(), "there is no table {table}");
    Ok(names)
}

fn inserts(source: &Connection) -> Result<Vec<String>> {
    TABLES
        .iter()
        .map(|table| {
            let columns = columns(source, table)?;
            let places: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
            Ok(format!(
                "INSERT INTO {table} ({}) VALUES ({})",
                columns.join(", "),
                places.join(", ")
            ))
        })
        .collect()
}

fn entries(source: &Connection) -> Result<Vec<Entry>> {
    let select = |table: &str, order: &str| -> Result<Vec<Vec<Value>>> {
        let columns = columns(source, table)?;
        let names: Vec<String> = columns.iter().map(|name| format!("{table}.{name}")).collect();
        let mut statement = source.prepare(&format!("SELECT {} FROM {table} {order}", names.join(", ")))?;
        let rows = statement.query_map([], |row| (0..columns.len()).map(|index| row.get(index)).collect())?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let changes = select("change", "WHERE change.kind = 'dose_event' ORDER BY tx, n")?;
    let records = select(
        "record",
        "JOIN change USING (patient, link) WHERE record.kind = 'dose_event' ORDER BY tx, n",
    )?;
    // Its order is not that of the changes; how many there are and how long they are is what matters.
    let operations = select("operation", "ORDER BY at")?;
    let names = columns(source, "change")?;
    let place = |name: &str| {
        names
            .iter()
            .position(|column| column == name)
            .context("a column is gone")
    };
    let (patient, link, hash) = (place("patient")?, place("link")?, place("hash")?);
    changes
        .into_iter()
        .zip(records)
        .zip(operations)
        .map(|((change, record), operation)| {
            Ok(Entry {
                patient: text(&change[patient])?,
                link: number(&change[link])?,
                hash: text(&change[hash])?,
                rows: [change, record, operation],
            })
        })
        .collect()
}

fn text(value: &Value) -> Result<String> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        other => anyhow::bail!("a text is {:?}", other.data_type()),
    }
}

fn number(value: &Value) -> Result<i64> {
    match value {
        Value::Integer(number) => Ok(*number),
        other => anyhow::bail!("a number is {:?}", other.data_type()),
    }
}

/// The same tables and indexes, and the patients that the entries refer to.
fn copy_schema(source: &Connection, target: &Connection) -> Result<()> {
    let mut statement =
        source.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")?;
    let texts = statement
        .query_map([], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    for text in texts {
        target.execute_batch(&text)?;
    }
    let mut statement = source.prepare("SELECT id, hash FROM patient")?;
    let patients = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<Vec<(String, String)>, _>>()?;
    for (id, hash) in patients {
        target.execute(
            "INSERT INTO patient (id, person, link, hash) VALUES (?1, NULL, 0, ?2)",
            (id, hash),
        )?;
    }
    Ok(())
}

/// Writes the entries of the PostgreSQL at `url` again into an empty copy of its tables in the same server: over
/// `connections` at once, `group` in each transaction; entries per second.
pub async fn postgres(url: &str, connections: usize, group: usize) -> Result<f64> {
    let admin = connect(url).await?;
    admin
        .batch_execute("DROP SCHEMA IF EXISTS raw CASCADE; CREATE SCHEMA raw")
        .await?;
    for table in ["patient", "change", "record", "operation"] {
        admin
            .batch_execute(&format!("CREATE TABLE raw.{table} (LIKE public.{table} INCLUDING ALL)"))
            .await?;
    }
    admin
        .batch_execute(
            "ALTER TABLE raw.change ADD FOREIGN KEY (patient) REFERENCES raw.patient (id);
             ALTER TABLE raw.record ADD FOREIGN KEY (patient, link) REFERENCES raw.change (patient, link);
             INSERT INTO raw.patient SELECT id, NULL, 0, hash FROM public.patient",
        )
        .await?;
    let patients: Vec<String> = admin
        .query("SELECT id FROM public.patient ORDER BY id", &[])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    let mut work = Vec::new();
    for part in 0..connections {
        let mine: Vec<String> = patients.iter().skip(part).step_by(connections).cloned().collect();
        work.push(postgres_rows(&admin, mine).await?);
    }
    let count: usize = work.iter().map(Vec::len).sum();
    ensure!(count > 1000, "only {count} entries to write again");
    let mut clients = Vec::new();
    for _ in 0..connections {
        let client = connect(url).await?;
        client.batch_execute("SET search_path = raw").await?;
        clients.push(client);
    }
    let begun = Instant::now();
    let writers = clients
        .into_iter()
        .zip(work)
        .map(|(client, rows)| tokio::spawn(write_again(client, rows, group)));
    for writer in futures::future::join_all(writers).await {
        writer??;
    }
    let rate = count as f64 / begun.elapsed().as_secs_f64();
    admin.batch_execute("DROP SCHEMA raw CASCADE").await?;
    Ok(rate)
}

async fn connect(url: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The rows of the entries of these patients, as arrays of text for a cast on the way in.
async fn postgres_rows(admin: &tokio_postgres::Client, patients: Vec<String>) -> Result<Vec<[tokio_postgres::Row; 3]>> {
    let changes = admin
        .query(
            "SELECT * FROM public.change WHERE kind = 'dose_event' AND patient = ANY($1) ORDER BY tx, n",
            &[&patients],
        )
        .await?;
    let records = admin
        .query(
            "SELECT record.* FROM public.record JOIN public.change USING (patient, link)
             WHERE record.kind = 'dose_event' AND patient = ANY($1) ORDER BY tx, n",
            &[&patients],
        )
        .await?;
    // A result belongs to an actor, and each patient here is an actor of its own.
    let operations = admin
        .query(
            "SELECT operation.* FROM public.operation WHERE actor IN
             (SELECT actor FROM public.change WHERE kind = 'dose_event' AND patient = ANY($1)) ORDER BY at",
            &[&patients],
        )
        .await?;
    Ok(changes
        .into_iter()
        .zip(records)
        .zip(operations)
        .map(|((change, record), operation)| [change, record, operation])
        .collect())
}

async fn write_again(
    client: tokio_postgres::Client,
    entries: Vec<[tokio_postgres::Row; 3]>,
    group: usize,
) -> Result<()> {
    let Some(first) = entries.first() else { return Ok(()) };
    let mut inserts = Vec::new();
    for (table, row) in TABLES.iter().zip(first) {
        let places: Vec<String> = (1..=row.len()).map(|number| format!("${number}")).collect();
        inserts.push(
            client
                .prepare(&format!("INSERT INTO {table} VALUES ({})", places.join(", ")))
                .await?,
        );
    }
    let head = client.prepare(HEAD_POSTGRES).await?;
    for chunk in entries.chunks(group) {
        client.batch_execute("BEGIN").await?;
        for entry in chunk {
            for (insert, row) in inserts.iter().zip(entry) {
                let values = cells(row)?;
                let values: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
                    values.iter().map(|value| value.as_ref() as _).collect();
                client.execute(insert, &values).await?;
            }
            let change = &entry[0];
            let (patient, link, hash): (&str, i64, &str) = (
                change.try_get("patient")?,
                change.try_get("link")?,
                change.try_get("hash")?,
            );
            client.execute(&head, &[&patient, &link, &hash]).await?;
        }
        client.batch_execute("COMMIT").await?;
    }
    Ok(())
}

/// The store has texts and whole numbers only.
fn cells(row: &tokio_postgres::Row) -> Result<Vec<Box<dyn tokio_postgres::types::ToSql + Sync + Send>>> {
    (0..row.len())
        .map(|index| -> Result<Box<dyn tokio_postgres::types::ToSql + Sync + Send>> {
            if *row.columns()[index].type_() == tokio_postgres::types::Type::INT8 {
                Ok(Box::new(row.try_get::<_, Option<i64>>(index)?))
            } else {
                Ok(Box::new(row.try_get::<_, Option<String>>(index)?))
            }
        })
        .collect()
}

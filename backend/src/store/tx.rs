//! A transaction, the same on both engines: numbered parameters (`$1`), one SQL text.
//!
//! Queries are `&'static str`: no value can be written into a text. Where an engine needs a text of its own, it is a
//! [`Pair`] beside its reason.

use std::collections::BTreeSet;

use doseline_shared::id::PatientId;

use super::{Committed, Param, Row, StoreError, embedded, postgres, taken::Taken};

/// A query of which each engine needs its own text. Every use says why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// For the embedded engine.
    pub embedded: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
}

/// A statement and its parameters.
pub type Statement = (&'static str, Vec<Param>);

pub(super) enum Engine {
    Embedded(embedded::Link),
    Postgres(postgres::Link),
}

/// A transaction, or a read-only snapshot. Made by [`super::Store::write`] and [`super::Store::read`] only.
pub struct Tx {
    pub(super) engine: Engine,
    /// The number of the transaction in the order of the feed, once it is known.
    number: Option<i64>,
    /// How many changes carry that number so far.
    changes: i64,
    /// What to tell after the commit.
    notes: Vec<Committed>,
    /// The patients whose records a person has been given.
    opened: BTreeSet<PatientId>,
    /// Whether the whole transaction is to be run again.
    again: bool,
    /// The patients that are its own.
    pub(super) taken: Taken,
}

impl Tx {
    pub(super) fn new(engine: Engine) -> Self {
        Self {
            engine,
            number: None,
            changes: 0,
            notes: Vec::new(),
            opened: BTreeSet::new(),
            again: false,
            taken: Taken::default(),
        }
    }

    /// Runs a statement; how many rows it touched.
    ///
    /// # Errors
    /// [`StoreError`]; on PostgreSQL the transaction can then only be given up.
    pub async fn execute(&mut self, sql: &'static str, params: &[Param]) -> Result<u64, StoreError> {
        match &mut self.engine {
            Engine::Embedded(link) => link.execute(sql, params),
            Engine::Postgres(link) => link.execute(sql, params).await,
        }
    }

    /// Runs statements in order, on PostgreSQL without waiting for each answer before the next is sent; how many rows
    /// each touched.
    ///
    /// # Errors
    /// The first [`StoreError`]; the transaction must then be given up.
    pub async fn execute_all(&mut self, statements: &[Statement]) -> Result<Vec<u64>, StoreError> {
        match &mut self.engine {
            Engine::Embedded(link) => statements
                .iter()
                .map(|(sql, params)| link.execute(sql, params))
                .collect(),
            Engine::Postgres(link) => link.execute_all(statements).await,
        }
    }

    /// Runs a statement that must touch exactly one row, at the latest together with the next statement or before the
    /// commit: on PostgreSQL it costs no round trip of its own.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where it touches none, because someone else was first; on PostgreSQL it comes from that
    /// next statement or from the commit, and the whole transaction then runs again by itself.
    pub(super) async fn execute_later(&mut self, sql: &'static str, params: Vec<Param>) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Embedded(link) => match link.execute(sql, &params)? {
                1 => Ok(()),
                _ => Err(StoreError::Conflict),
            },
            Engine::Postgres(link) => {
                link.later(sql, params);
                Ok(())
            }
        }
    }

    /// Inserts a row, by `INSERT … VALUES ($1, …)` and nothing but parameters in the brackets, at the latest together
    /// with the next statement or with the commit: on PostgreSQL all rows of one text go in one statement, in the place
    /// of the first of them.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the row clashes with another; on PostgreSQL it comes from that next statement or
    /// from the commit, and the whole transaction then runs again by itself, for someone else was first.
    pub(super) async fn insert_later(&mut self, sql: &'static str, row: Vec<Param>) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Embedded(link) => link.execute(sql, &row).map(drop),
            Engine::Postgres(link) => {
                link.insert(sql, row);
                Ok(())
            }
        }
    }

    /// Runs queries in order, on PostgreSQL without waiting for each answer before the next is sent; the rows of each.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub(super) async fn query_all(&mut self, queries: &[Statement]) -> Result<Vec<Vec<Row>>, StoreError> {
        match &mut self.engine {
            Engine::Embedded(link) => queries.iter().map(|(sql, params)| link.query(sql, params)).collect(),
            Engine::Postgres(link) => link.query_all(queries).await,
        }
    }

    /// Runs a query; its rows.
    ///
    /// # Errors
    /// [`StoreError`]; on PostgreSQL the transaction can then only be given up.
    pub async fn query(&mut self, sql: &'static str, params: &[Param]) -> Result<Vec<Row>, StoreError> {
        match &mut self.engine {
            Engine::Embedded(link) => link.query(sql, params),
            Engine::Postgres(link) => link.query(sql, params).await,
        }
    }

    /// Runs a query; its first row.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub async fn query_opt(&mut self, sql: &'static str, params: &[Param]) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs a query that always has a row.
    ///
    /// # Errors
    /// As [`Tx::query`]; [`StoreError::Damaged`] where there is none.
    pub async fn query_one(&mut self, sql: &'static str, params: &[Param]) -> Result<Row, StoreError> {
        self.query_opt(sql, params)
            .await?
            .ok_or(StoreError::Damaged("a row is missing"))
    }

    pub(super) const fn pick(&self, pair: &Pair) -> &'static str {
        match self.engine {
            Engine::Embedded(_) => pair.embedded,
            Engine::Postgres(_) => pair.postgres,
        }
    }

    /// The place of the next change in the order of the feed: the number of this transaction, and the place within it.
    pub(super) async fn next_place(&mut self) -> Result<(i64, i64), StoreError> {
        let number = match self.number {
            Some(number) => number,
            None => {
                let number = self
                    .query_one(self.pick(&super::change::OWN_NUMBER), &[])
                    .await?
                    .get(0)?;
                self.number = Some(number);
                number
            }
        };
        self.changes += 1;
        Ok((number, self.changes))
    }

    /// The number of this transaction, where it has written a change; on the embedded engine, where anyone has whose
    /// changes will be committed together with this one.
    pub(super) const fn number(&self) -> Option<i64> {
        self.number
    }

    /// Forgets the number: what comes now is another transaction.
    pub(super) fn renumber(&mut self) {
        self.number = None;
        self.changes = 0;
    }

    /// Forgets what is taken: what comes now is another job.
    pub(super) fn release(&mut self) {
        self.taken = Taken::default();
        self.opened.clear();
    }

    pub(super) fn note(&mut self, committed: Committed) {
        if !self.notes.contains(&committed) {
            self.notes.push(committed);
        }
    }

    pub(super) fn take_notes(&mut self) -> Vec<Committed> {
        std::mem::take(&mut self.notes)
    }

    /// Notes that a person is given records of the patient: whoever reads for them writes it down.
    pub(super) fn opened(&mut self, patient: PatientId) {
        self.opened.insert(patient);
    }

    pub(super) fn take_opened(&mut self) -> BTreeSet<PatientId> {
        std::mem::take(&mut self.opened)
    }

    /// Asks for the whole transaction to be run again, on PostgreSQL: someone else has just committed what this one was
    /// about to write.
    pub(super) const fn ask_again(&mut self) {
        self.again = true;
    }

    pub(super) fn asks_again(&self) -> bool {
        match &self.engine {
            Engine::Embedded(_) => false,
            Engine::Postgres(link) => self.again || link.asks_again(),
        }
    }
}

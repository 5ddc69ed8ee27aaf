//! One transaction on one connection of the pool.

use bytes_of::BytesMut;
use deadpool_postgres::Object;
use futures::future::{join, try_join_all};
use postgres_types::{IsNull, ToSql, Type};
use tokio_postgres::{Client, Statement};

use crate::store::{Param, Row, StoreError, error::asks_for_retry, tx};

/// `BytesMut` by the name under which `postgres-types` gives it out.
mod bytes_of {
    pub(super) use postgres_types::private::BytesMut;
}

/// How a transaction that writes begins.
pub(super) const WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// How one that reads begins: one snapshot for all its queries.
pub(super) const READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing was sent yet.
    Fresh,
    Open,
    /// A statement failed: PostgreSQL takes nothing but a rollback now.
    Broken,
    Over,
}

/// A connection in use.
pub(in crate::store) struct Link {
    /// Present until dropped.
    client: Option<Object>,
    begin: &'static str,
    state: State,
    again: bool,
    /// The first statement that failed.
    failure: Option<StoreError>,
    /// What is sent with the next statement.
    pending: Vec<Pending>,
}

struct Pending {
    sql: &'static str,
    params: Vec<Param>,
    /// Whether it must touch exactly one row.
    one_row: bool,
}

/// A transaction that was given up halfway (whoever asked has gone) must not go back into the pool: its connection is
/// closed, which rolls it back.
impl Drop for Link {
    fn drop(&mut self) {
        if matches!(self.state, State::Open | State::Broken)
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

impl Link {
    pub(super) const fn new(client: Object, begin: &'static str) -> Self {
        Self {
            client: Some(client),
            begin,
            state: State::Fresh,
            again: false,
            failure: None,
            pending: Vec::new(),
        }
    }

    pub(in crate::store) fn later(&mut self, sql: &'static str, params: Vec<Param>, one_row: bool) {
        self.pending.push(Pending { sql, params, one_row });
    }

    /// Runs what is pending.
    async fn flush(&mut self) -> Result<(), StoreError> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let result = self.try_pending(&pending, async |_: &Client| Ok(())).await;
        let (touched, ()) = self.settle(result)?;
        self.hold(&pending, &touched)
    }

    /// Runs what is pending and then `work`, without waiting in between.
    async fn try_pending<T>(
        &mut self,
        pending: &[Pending],
        work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<(Vec<u64>, T), tokio_postgres::Error> {
        let mut prepared = Vec::with_capacity(pending.len());
        for Pending { sql, params, .. } in pending {
            prepared.push((self.prepare(sql, params).await?, borrowed(params)));
        }
        self.after_begin(async |client: &Client| {
            let before = try_join_all(
                prepared
                    .iter()
                    .map(|(statement, params)| client.execute(statement, params)),
            );
            // Sent in this order. Where one before it fails, PostgreSQL refuses what comes after.
            let (before, done) = join(before, work(client)).await;
            Ok((before?, done?))
        })
        .await
    }

    /// Whether each touched what it must. Where one did not, someone else was first: the transaction is run again.
    fn hold(&mut self, pending: &[Pending], touched: &[u64]) -> Result<(), StoreError> {
        let mut all = pending.iter().zip(touched);
        if all.all(|(statement, rows)| !statement.one_row || *rows == 1) {
            return Ok(());
        }
        self.again = true;
        self.state = State::Broken;
        Err(self.failure.get_or_insert(StoreError::Conflict).clone())
    }

    pub(in crate::store) const fn asks_again(&self) -> bool {
        self.again
    }

    pub(in crate::store) async fn execute(&mut self, sql: &'static str, params: &[Param]) -> Result<u64, StoreError> {
        self.flush().await?;
        let result = self.try_execute(sql, params).await;
        self.settle(result)
    }

    pub(in crate::store) async fn execute_all(&mut self, statements: &[tx::Statement]) -> Result<Vec<u64>, StoreError> {
        self.flush().await?;
        let result = self.try_execute_all(statements).await;
        self.settle(result)
    }

    pub(in crate::store) async fn query(
        &mut self,
        sql: &'static str,
        params: &[Param],
    ) -> Result<Vec<Row>, StoreError> {
        let pending = std::mem::take(&mut self.pending);
        let result = self.try_query(&pending, sql, params).await;
        let (touched, rows) = self.settle(result)?;
        self.hold(&pending, &touched)?;
        rows.iter().map(read).collect()
    }

    async fn try_execute(&mut self, sql: &'static str, params: &[Param]) -> Result<u64, tokio_postgres::Error> {
        let statement = self.prepare(sql, params).await?;
        let params = borrowed(params);
        self.after_begin(async |client: &Client| client.execute(&statement, &params).await)
            .await
    }

    async fn try_execute_all(&mut self, statements: &[tx::Statement]) -> Result<Vec<u64>, tokio_postgres::Error> {
        let mut prepared = Vec::with_capacity(statements.len());
        for (sql, params) in statements {
            prepared.push((self.prepare(sql, params).await?, borrowed(params)));
        }
        self.after_begin(async |client: &Client| {
            // Each is sent when it is first polled, in order: one round trip for all.
            try_join_all(
                prepared
                    .iter()
                    .map(|(statement, params)| client.execute(statement, params)),
            )
            .await
        })
        .await
    }

    async fn try_query(
        &mut self,
        pending: &[Pending],
        sql: &'static str,
        params: &[Param],
    ) -> Result<(Vec<u64>, Vec<tokio_postgres::Row>), tokio_postgres::Error> {
        let statement = self.prepare(sql, params).await?;
        let params = borrowed(params);
        self.try_pending(pending, async |client: &Client| client.query(&statement, &params).await)
            .await
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("it is taken only when dropped")
    }

    async fn prepare(&self, sql: &'static str, params: &[Param]) -> Result<Statement, tokio_postgres::Error> {
        let types: Vec<Type> = params
            .iter()
            .map(|param| match param {
                Param::Text(_) => Type::TEXT,
                Param::Int(_) => Type::INT8,
                Param::Null => Type::UNKNOWN,
            })
            .collect();
        self.client().prepare_typed_cached(sql, &types).await
    }

    /// Runs the work within the transaction; the first one is sent together with the `BEGIN`.
    async fn after_begin<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, tokio_postgres::Error> {
        if self.state != State::Fresh {
            return work(self.client()).await;
        }
        self.state = State::Open;
        let client = self.client();
        let (begun, done) = join(client.batch_execute(self.begin), work(client)).await;
        begun.and(done)
    }

    fn settle<T>(&mut self, result: Result<T, tokio_postgres::Error>) -> Result<T, StoreError> {
        result.map_err(|error| {
            self.again |= asks_for_retry(&error);
            self.state = State::Broken;
            let error = StoreError::from(error);
            self.failure.get_or_insert(error).clone()
        })
    }

    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        if self.state != State::Broken {
            self.flush().await?;
        }
        match self.state {
            State::Fresh | State::Over => Ok(()),
            // The job passed over a failure. PostgreSQL would answer a COMMIT with success and roll back.
            State::Broken => Err(self
                .failure
                .clone()
                .unwrap_or(StoreError::Unavailable("a statement failed"))),
            State::Open => {
                let result = self.client().batch_execute("COMMIT").await;
                self.settle(result)?;
                self.state = State::Over;
                Ok(())
            }
        }
    }

    pub(super) async fn roll_back(&mut self) {
        // Where it fails the connection is closed on drop, which rolls back as well.
        if matches!(self.state, State::Open | State::Broken) && self.client().batch_execute("ROLLBACK").await.is_ok() {
            self.state = State::Over;
        }
    }
}

fn borrowed(params: &[Param]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|param| param as &(dyn ToSql + Sync)).collect()
}

impl ToSql for Param {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Text(text) => text.to_sql(kind, out),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Null => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        // The statement was prepared with the types of exactly these parameters.
        true
    }

    postgres_types::to_sql_checked!();
}

fn read(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let wrong = |_| StoreError::Damaged("a column holds what it must not");
    let values = row.columns().iter().enumerate().map(|(index, column)| {
        let value = match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index).map_err(wrong)?.map(Param::Int),
            Type::INT4 => row
                .try_get::<_, Option<i32>>(index)
                .map_err(wrong)?
                .map(|number| Param::Int(number.into())),
            _ => row.try_get::<_, Option<String>>(index).map_err(wrong)?.map(Param::Text),
        };
        Ok(value.unwrap_or(Param::Null))
    });
    values.collect::<Result<_, _>>().map(Row)
}

//! One transaction on one connection of the pool.

use bytes_of::BytesMut;
use deadpool_postgres::Object;
use futures::{
    TryStreamExt,
    future::{join_all, join3},
};
use postgres_types::{IsNull, ToSql, Type};
use tokio_postgres::{Client, Statement, error::SqlState};

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

/// A statement that waits to be sent.
enum Pending {
    /// One that must touch exactly one row.
    Touch(&'static str, Vec<Param>),
    /// Rows for one text.
    Insert(&'static str, Vec<Vec<Param>>),
}

/// A statement with everything to send it.
struct Ready<'a> {
    statement: Statement,
    params: Vec<Bound<'a>>,
}

/// What a parameter is given.
#[derive(Debug)]
enum Bound<'a> {
    One(&'a Param),
    /// One column of several rows.
    Column(Vec<&'a Param>),
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

    pub(in crate::store) fn later(&mut self, sql: &'static str, params: Vec<Param>) {
        self.pending.push(Pending::Touch(sql, params));
    }

    pub(in crate::store) fn insert(&mut self, sql: &'static str, row: Vec<Param>) {
        let same = self.pending.iter_mut().find_map(|pending| match pending {
            Pending::Insert(text, rows) if *text == sql => Some(rows),
            Pending::Insert(..) | Pending::Touch(..) => None,
        });
        match same {
            Some(rows) => rows.push(row),
            None => self.pending.push(Pending::Insert(sql, vec![row])),
        }
    }

    pub(in crate::store) const fn asks_again(&self) -> bool {
        self.again
    }

    pub(in crate::store) async fn execute(&mut self, sql: &'static str, params: &[Param]) -> Result<u64, StoreError> {
        let ready = self.ready(sql, params).await?;
        self.send(async |client: &Client| client.execute_raw(&ready.statement, &ready.params).await)
            .await
    }

    pub(in crate::store) async fn execute_all(&mut self, statements: &[tx::Statement]) -> Result<Vec<u64>, StoreError> {
        let ready = self.all_ready(statements).await?;
        self.send(async |client: &Client| {
            let sent = ready
                .iter()
                .map(|ready| client.execute_raw(&ready.statement, &ready.params));
            join_all(sent).await.into_iter().collect()
        })
        .await
    }

    pub(in crate::store) async fn query(
        &mut self,
        sql: &'static str,
        params: &[Param],
    ) -> Result<Vec<Row>, StoreError> {
        let ready = self.ready(sql, params).await?;
        let rows = self.send(async |client: &Client| ready.rows(client).await).await?;
        rows.iter().map(read).collect()
    }

    pub(in crate::store) async fn query_all(&mut self, queries: &[tx::Statement]) -> Result<Vec<Vec<Row>>, StoreError> {
        let ready = self.all_ready(queries).await?;
        let found: Vec<_> = self
            .send(async |client: &Client| {
                let sent = ready.iter().map(|ready| ready.rows(client));
                join_all(sent).await.into_iter().collect()
            })
            .await?;
        let read = |rows: &Vec<tokio_postgres::Row>| rows.iter().map(read).collect();
        found.iter().map(read).collect()
    }

    async fn ready<'a>(&mut self, sql: &str, params: &'a [Param]) -> Result<Ready<'a>, StoreError> {
        let result = Ready::one(self.client(), sql, params).await;
        self.settle(result)
    }

    async fn all_ready<'a>(&mut self, statements: &'a [tx::Statement]) -> Result<Vec<Ready<'a>>, StoreError> {
        let mut ready = Vec::with_capacity(statements.len());
        for (sql, params) in statements {
            ready.push(self.ready(sql, params).await?);
        }
        Ok(ready)
    }

    /// Sends the `BEGIN` where nothing was sent yet, what is pending, and `work`, without waiting in between. Where one
    /// fails, PostgreSQL refuses what comes after.
    async fn send<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        if self.state == State::Broken {
            return Err(self.why_broken());
        }
        let pending = std::mem::take(&mut self.pending);
        let mut ready = Vec::with_capacity(pending.len());
        for pending in &pending {
            let result = match pending {
                Pending::Touch(sql, params) => Ready::one(self.client(), sql, params).await,
                Pending::Insert(sql, rows) => Ready::insert(self.client(), sql, rows).await,
            };
            ready.push(self.settle(result)?);
        }
        let fresh = self.state == State::Fresh;
        self.state = State::Open;
        let client: &Client = self.client();
        let begin = async {
            match fresh {
                true => client.batch_execute(self.begin).await,
                false => Ok(()),
            }
        };
        let before = join_all(
            ready
                .iter()
                .map(|ready| client.execute_raw(&ready.statement, &ready.params)),
        );
        // Sent in this order.
        let (begun, before, done) = join3(begin, before, work(client)).await;
        self.settle(begun)?;
        self.hold(&pending, before)?;
        self.settle(done)
    }

    /// Whether each did what it must. Where one did not, someone else was first: the transaction is run again.
    fn hold(
        &mut self,
        pending: &[Pending],
        touched: Vec<Result<u64, tokio_postgres::Error>>,
    ) -> Result<(), StoreError> {
        for (pending, touched) in pending.iter().zip(touched) {
            let clashes = touched
                .as_ref()
                .is_err_and(|error| error.code() == Some(&SqlState::UNIQUE_VIOLATION));
            self.again |= match pending {
                Pending::Touch(..) => touched.as_ref().is_ok_and(|rows| *rows != 1),
                Pending::Insert(..) => clashes,
            };
            self.settle(touched)?;
            if self.again {
                self.state = State::Broken;
                return Err(self.failure.get_or_insert(StoreError::Conflict).clone());
            }
        }
        Ok(())
    }

    fn why_broken(&self) -> StoreError {
        self.failure
            .clone()
            .unwrap_or(StoreError::Unavailable("a statement failed"))
    }

    fn client(&self) -> &Object {
        self.client.as_ref().expect("it is taken only when dropped")
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
        // What must touch a row is looked at before it becomes durable. A row that cannot be inserted fails the
        // transaction itself, so that the COMMIT may be sent with it and then rolls back.
        let touches = |pending: &Pending| matches!(pending, Pending::Touch(..));
        if self.state != State::Broken && self.pending.iter().any(touches) {
            self.send(async |_: &Client| Ok(())).await?;
        }
        match self.state {
            State::Fresh if self.pending.is_empty() => Ok(()),
            State::Over => Ok(()),
            // The job passed over a failure. PostgreSQL would answer a COMMIT with success and roll back.
            State::Broken => Err(self.why_broken()),
            State::Fresh | State::Open => {
                self.send(async |client: &Client| client.batch_execute("COMMIT").await)
                    .await?;
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

impl<'a> Ready<'a> {
    async fn one(client: &Object, sql: &str, params: &'a [Param]) -> Result<Self, tokio_postgres::Error> {
        let types: Vec<Type> = params.iter().map(kind).collect();
        Ok(Self {
            statement: client.prepare_typed_cached(sql, &types).await?,
            params: params.iter().map(Bound::One).collect(),
        })
    }

    /// Several rows go as one list for each column, of which nothing but a text may be missing everywhere.
    async fn insert(client: &Object, sql: &str, rows: &'a [Vec<Param>]) -> Result<Self, tokio_postgres::Error> {
        if let [row] = rows {
            return Self::one(client, sql, row).await;
        }
        let width = rows.first().map_or(0, Vec::len);
        let columns = (0..width).map(|column| rows.iter().filter_map(move |row| row.get(column)));
        let types: Vec<Type> = columns
            .clone()
            .map(|mut column| match column.find(|value| **value != Param::Null) {
                Some(Param::Int(_)) => Type::INT8_ARRAY,
                Some(Param::Text(_) | Param::Null | Param::List(_)) | None => Type::TEXT_ARRAY,
            })
            .collect();
        let sql = sql.replacen("VALUES (", "SELECT * FROM unnest(", 1);
        Ok(Self {
            statement: client.prepare_typed_cached(&sql, &types).await?,
            params: columns.map(|column| Bound::Column(column.collect())).collect(),
        })
    }

    async fn rows(&self, client: &Client) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
        client
            .query_raw(&self.statement, &self.params)
            .await?
            .try_collect()
            .await
    }
}

fn kind(param: &Param) -> Type {
    match param {
        Param::Text(_) => Type::TEXT,
        Param::Int(_) => Type::INT8,
        Param::Null => Type::UNKNOWN,
        Param::List(_) => Type::TEXT_ARRAY,
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::One(param) => param.to_sql(kind, out),
            Self::Column(params) => params.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        Param::accepts(kind)
    }

    postgres_types::to_sql_checked!();
}

impl ToSql for Param {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Text(text) => text.to_sql(kind, out),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Null => Ok(IsNull::Yes),
            Self::List(texts) => texts.to_sql(kind, out),
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

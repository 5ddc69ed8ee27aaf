//! One private PostgreSQL per test binary, durable as in production, gone when the test process is.
//!
//! A missing PostgreSQL is a failure with a clear word, never a skipped test. The server runs under a shell that waits
//! for the end of its standard input: however the test process ends, even by SIGKILL, the server stops and its folder
//! is removed.

use std::{
    env, fs,
    io::Read,
    net::TcpListener,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio_postgres::NoTls;

use crate::authority::Authority;

/// What to say when the server's programs are not there.
const MISSING: &str = "PostgreSQL is not installed; run `cargo xtask test`, which installs it";

/// Starts the server, makes the cluster, and ends with its standard input. `$1` is the folder, `$2` the port, `$3` the
/// folder of the programs, the rest what drops root.
const SUPERVISE: &str = r#"
folder=$1 port=$2 bin=$3; shift 3
"$@" "$bin/initdb" -D "$folder/data" -U doseline -A trust -E UTF8 --no-locale --no-sync >"$folder/initdb.log" 2>&1 \
  || { echo failed; cat "$folder/initdb.log"; exit 1; }
"$@" "$bin/postgres" -D "$folder/data" -p "$port" -k "$folder" -h 127.0.0.1 \
  -c ssl=on -c ssl_cert_file="$folder/server.crt" -c ssl_key_file="$folder/server.key" \
  -c max_connections=200 -c fsync=on -c synchronous_commit=on -c full_page_writes=on >"$folder/server.log" 2>&1 </dev/null &
server=$!
echo started
cat >/dev/null
kill -INT "$server"
wait "$server"
rm -rf "$folder"
"#;

struct Server {
    port: u16,
    /// The certificate of the authority that vouches for the server's name, in PEM.
    authority: String,
    /// Held open: its end is the end of the server.
    _supervisor: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a new, empty database on this test binary's own server.
pub async fn fresh_database() -> String {
    let port = tokio::task::spawn_blocking(|| SERVER.get_or_init(start).port)
        .await
        .expect("starting does not panic");
    let name = format!("doseline_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let (client, connection) = connect(port).await;
    let running = tokio::spawn(connection);
    client
        .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0"))
        .await
        .expect("a new database can be made");
    drop(client);
    running.abort();
    format!("postgres://doseline@127.0.0.1:{port}/{name}")
}

/// The certificate of the authority that says that the server of these databases is 127.0.0.1, in PEM. It speaks TLS to
/// who asks for it.
pub fn authority() -> &'static str {
    &SERVER.get_or_init(start).authority
}

async fn connect(
    port: u16,
) -> (
    tokio_postgres::Client,
    impl Future<Output = Result<(), tokio_postgres::Error>>,
) {
    let url = format!("postgres://doseline@127.0.0.1:{port}/postgres");
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        match tokio_postgres::connect(&url, NoTls).await {
            Ok(pair) => return pair,
            Err(error) if Instant::now() > end => panic!("the private PostgreSQL does not answer: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

fn start() -> Server {
    let bin = programs();
    let folder = tempfile::Builder::new()
        .prefix("doseline-pg-")
        .tempdir()
        .expect("a temporary folder")
        .keep();
    let authority = Authority::new();
    let proof = authority.issue("127.0.0.1");
    let (certificate, key) = (folder.join("server.crt"), folder.join("server.key"));
    fs::write(&certificate, proof.certificate).expect("the folder is ours");
    fs::write(&key, proof.key).expect("the folder is ours");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    let mut drop_root = Vec::new();
    if fs::metadata(&folder).expect("the folder is there").uid() == 0 {
        let user = ["postgres", "nobody"].into_iter().find(|user| id(user, "-u").is_some());
        let user = user.expect("a user other than root, for PostgreSQL refuses to run as root");
        for given in [&folder, &certificate, &key] {
            chown(given, id(user, "-u"), id(user, "-g")).expect("root may give a file away");
        }
        let group = id(user, "-g").expect("the user has a group").to_string();
        drop_root = ["setpriv", "--reuid", user, "--regid", &group, "--clear-groups", "--"]
            .map(str::to_owned)
            .to_vec();
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    if drop_root.is_empty() {
        drop_root.push("env".to_owned());
    }
    let port = TcpListener::bind(("127.0.0.1", 0))
        .and_then(|socket| socket.local_addr())
        .expect("a free port")
        .port();
    let mut supervisor = Command::new("sh")
        .args(["-c", SUPERVISE, "supervise"])
        .arg(&folder)
        .arg(port.to_string())
        .arg(&bin)
        .args(drop_root)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell can be started");
    let mut said = vec![0; 8];
    let mut output = supervisor.stdout.take().expect("the output is a pipe");
    output.read_exact(&mut said).expect("the server's start is told");
    if said.starts_with(b"failed") {
        let mut rest = String::new();
        output.read_to_string(&mut rest).expect("the fault is told");
        panic!("initdb failed: {rest}");
    }
    Server {
        port,
        authority: authority.pem,
        _supervisor: supervisor,
    }
}

/// The newest PostgreSQL here, or the one that `cargo xtask test` names.
fn programs() -> PathBuf {
    if let Some(folder) = env::var_os("DOSELINE_TEST_PG_BIN").map(PathBuf::from) {
        assert!(folder.join("postgres").exists(), "{MISSING}");
        return folder;
    }
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("postgres").exists() && folder.join("initdb").exists())
        .collect();
    found.sort();
    let on_path = || {
        let path = env::var_os("PATH")?;
        env::split_paths(&path).find(|folder: &PathBuf| Path::new(folder).join("initdb").exists())
    };
    found.pop().map(|(_, folder)| folder).or_else(on_path).expect(MISSING)
}

fn id(user: &str, which: &str) -> Option<u32> {
    let output = Command::new("id")
        .args([which, user])
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{NoTls, fresh_database};

    #[tokio::test]
    async fn two_databases_are_strangers_and_durable() {
        let (one, two) = (fresh_database().await, fresh_database().await);
        assert_ne!(one, two);
        for url in [one, two] {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("it answers");
            tokio::spawn(connection);
            client
                .batch_execute("CREATE TABLE only_here (id TEXT)")
                .await
                .expect("the table is new in each");
            for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
                let row = client
                    .query_one(&format!("SHOW {setting}"), &[])
                    .await
                    .expect("a setting");
                assert_eq!(row.get::<_, &str>(0), "on", "{setting}");
            }
        }
    }
}

//! The command line of the backend.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use chrono::Utc;
use chrono_tz::Tz;
use clap::{Parser, Subcommand};
use doseline_backend::{
    Running,
    account::{self, password::Passwords},
    app::Clock,
    clinic::{self, NewClinic},
    config::Config,
    demo, import, open_store,
    operations::{self, audit::Verified},
    serve, serve_demo,
};
use doseline_shared::api::account::FirstPassword;
use uuid::Uuid;

/// The provider backend of Doseline.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    /// The configuration file; docs/doseline.example.toml documents it. DOSELINE_… variables go over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the interface and the web app until it is told to stop.
    Serve {
        /// Fills an empty store with a demonstration clinic, and widens the limits.
        #[arg(long)]
        demo: bool,
    },
    /// Brings records of other systems in.
    #[command(subcommand)]
    Import(Import),
    /// An operator's acts.
    #[command(subcommand)]
    Admin(Admin),
    /// Writes an encrypted, verified copy of the embedded store, while it may be in use.
    Backup {
        /// Where to; must not exist.
        file: PathBuf,
    },
    /// Brings a backup back as the embedded store, which must not exist.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// Who has written, read, and been refused what.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Subcommand)]
enum Audit {
    /// Computes all hash chains and seals of the store again: what was changed, taken out or moved is named.
    Verify,
    /// Writes the audit to the standard output, a JSON object a line.
    Export {
        /// Of this patient, or of this person's trail, alone.
        #[arg(long, value_name = "ID")]
        of: Option<Uuid>,
        /// With the records as they were written. They are health data: keep the export as safe as the store.
        #[arg(long)]
        records: bool,
    },
}

#[derive(Subcommand)]
enum Import {
    /// FHIR R4 bundles: patients, allergies, conditions, active prescriptions. Each file is taken whole or not at all.
    Fhir {
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The clinic that imports, by name or id; needed where there are several.
        #[arg(long)]
        clinic: Option<String>,
        /// The patients' home zone, such as America/New_York; by default the `zone` of the configuration.
        #[arg(long, value_parser = zone)]
        zone: Option<Tz>,
    },
}

#[derive(Subcommand)]
enum Admin {
    /// Founds a clinic with its first administrator, and prints the password that they sign in with first and then have to
    /// change.
    CreateClinic {
        /// The clinic's name.
        #[arg(long)]
        name: String,
        /// The administrator's e-mail.
        #[arg(long)]
        admin_email: String,
        /// The administrator's full name.
        #[arg(long, default_value = "Administrator")]
        admin_name: String,
        /// The e-mail has an account already, and you know that it is the administrator's own. Its password stays.
        #[arg(long)]
        existing_account: bool,
    },
    /// Lists the clinics.
    ListClinics,
    /// Gives an account whose owner has lost the password a first one, which they then have to change, prints it, and ends
    /// its sessions. Make sure first that it is them who asks.
    ResetPassword {
        /// The account's e-mail.
        #[arg(long)]
        email: String,
    },
    /// Takes the second factor off an account whose owner has lost both the app and the recovery codes, and ends its
    /// sessions. Make sure first that it is them who asks.
    ResetSecondFactor {
        /// The account's e-mail.
        #[arg(long)]
        email: String,
    },
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse()
        .map_err(|_| format!("{text} is no zone of the IANA database"))
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "doseline-backend: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref())?;
    operations::log::start(&config.log).map_err(|error| anyhow::anyhow!("the log: {error}"))?;
    let mut out = io::stdout();
    match arguments.command {
        Command::Serve { demo } => {
            let stop = stop_signal().context("listening for signals")?;
            let running = if demo {
                serve_demo(config).await?
            } else {
                serve(config).await?
            };
            if demo {
                writeln!(out, "{}", how_to_sign_in(&running))?;
            }
            stop.await.context("waiting for a signal")?;
            running.stop().await;
        }
        Command::Import(Import::Fhir { files, clinic, zone }) => {
            let (store, _) = open_store(&config).await?;
            let clinic = import::clinic(&store, clinic).await?;
            let clock: Clock = Arc::new(Utc::now);
            for file in &files {
                let report = import::import_fhir(&store, &clock, file, clinic, zone.unwrap_or(config.zone)).await?;
                write!(out, "{report}")?;
            }
        }
        Command::Admin(Admin::CreateClinic {
            name,
            admin_email,
            admin_name,
            existing_account,
        }) => {
            let (store, _) = open_store(&config).await?;
            let request = NewClinic {
                name,
                admin_name,
                admin_email,
                existing_account,
            };
            let clock: Clock = Arc::new(Utc::now);
            let founded = clinic::found(&store, &Passwords::new(1), &config.limits, &clock, request).await?;
            writeln!(out, "clinic: {}", founded.clinic)?;
            match founded.first_password {
                Some(first) => writeln!(out, "{}", to_hand_over(&first))?,
                None => writeln!(out, "The administrator has an account already; its password stays.")?,
            }
        }
        Command::Admin(Admin::ListClinics) => {
            let (store, _) = open_store(&config).await?;
            for (id, name) in clinic::list(&store).await? {
                writeln!(out, "{id}  {name}")?;
            }
        }
        Command::Admin(Admin::ResetPassword { email }) => {
            let (store, _) = open_store(&config).await?;
            let (passwords, limits) = (Passwords::new(1), &config.limits);
            let first = account::change_password::reset(&store, &passwords, limits, &email, Utc::now()).await?;
            writeln!(out, "{}", to_hand_over(&first))?;
        }
        Command::Admin(Admin::ResetSecondFactor { email }) => {
            let (store, _) = open_store(&config).await?;
            account::second_factor::reset(&store, &email, Utc::now()).await?;
            writeln!(
                out,
                "The password alone opens the account now; every device has to sign in again."
            )?;
        }
        Command::Backup { file } => {
            operations::commands::backup(&config, &file).await?;
            writeln!(out, "backed up and verified: {}", file.display())?;
        }
        Command::Restore { file } => {
            operations::commands::restore(&config, &file).await?;
            writeln!(out, "restored and verified: {}", config.store.path.display())?;
        }
        Command::Audit(Audit::Verify) => {
            let Verified { changes, audit } = operations::audit::verify(&config).await?;
            writeln!(
                out,
                "changes: {} patients, {} links, {} seals hold",
                changes.patients, changes.links, changes.seals
            )?;
            writeln!(
                out,
                "audit: {} trails, {} events, {} seals hold",
                audit.trails, audit.events, audit.seals
            )?;
            let broken = [
                changes.broken.map(|broken| format!("changes: {broken:?}")),
                audit.broken.map(|broken| format!("audit: {broken:?}")),
            ];
            let mut code = ExitCode::SUCCESS;
            for broken in broken.into_iter().flatten() {
                writeln!(out, "BROKEN: {broken}")?;
                code = ExitCode::FAILURE;
            }
            return Ok(code);
        }
        Command::Audit(Audit::Export { of, records }) => {
            let mut out = io::BufWriter::new(out);
            operations::audit::export(&config, of, records, &mut out).await?;
            out.flush()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn to_hand_over(first: &FirstPassword) -> String {
    format!(
        "password: {}\nHand it over in person. It opens the account until {} UTC, and has to be changed at the first sign-in.",
        first.password,
        first.until.format("%Y-%m-%d %H:%M")
    )
}

fn how_to_sign_in(running: &Running) -> String {
    let accounts: Vec<String> = demo::ACCOUNTS
        .iter()
        .map(|(email, name, what)| format!("  {email:<20} {name}, {what}"))
        .collect();
    format!(
        "The demonstration is at http://{}/\nSign in with the password {} as\n{}",
        running.address,
        demo::PASSWORD,
        accounts.join("\n")
    )
}

/// What ends when the process is told to stop. It listens from the call on, not from the first wait.
fn stop_signal() -> io::Result<impl Future<Output = io::Result<()>>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => Ok(()),
                _ = terminate.recv() => Ok(()),
            }
        })
    }
    #[cfg(not(unix))]
    Ok(tokio::signal::ctrl_c())
}

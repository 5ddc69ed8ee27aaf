//! Making webhooks of a system, trying them, renewing their secrets and ending them. For the clinic's administrators.

use chrono::{DateTime, TimeDelta, Utc};
use doseline_shared::{
    api::webhook::{
        About, EventKind, IssuedWebhook, MAX_URL, MAX_WEBHOOKS, Message, NewWebhook, OLD_SECRET_HOURS, Webhook,
    },
    id::{ClinicId, PersonId, WebhookId},
};

use super::event;
use crate::{
    app::{App, Caller},
    fault::Fault,
    partner, random,
    store::{self, Tx},
};

/// Nothing is sent to a receiver that has said that it is gone.
pub(super) const GONE: Fault = Fault::Conflict {
    path: None,
    problem: "the receiver has answered that it is gone for good: remove the webhook and make a new one",
};

/// The webhooks of a system, in the order in which they were made.
pub async fn list(app: &App, caller: Caller, clinic: ClinicId, system: PersonId) -> Result<Vec<Webhook>, Fault> {
    let now = app.now();
    app.store
        .read(async move |tx: &mut Tx| {
            partner::of_clinic(tx, caller, clinic, system, now).await?;
            of_system(tx, clinic, system).await
        })
        .await
}

/// Makes a webhook, with its secret.
pub async fn make(
    app: &App,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    request: NewWebhook,
) -> Result<IssuedWebhook, Fault> {
    let now = app.now();
    let id = random::id(now, WebhookId::new);
    let secret = app.webhook_secrets.fresh(id)?;
    let kept = store::webhook::NewWebhook {
        id,
        system,
        url: address(app, &request.url)?,
        events: chosen(request.events)?,
        secret: secret.kept,
        made_by: caller.person,
        created: now,
    };
    let make = async move |tx: &mut Tx| {
        let (_, why) = partner::of_clinic(tx, caller, clinic, system, now).await?;
        if of_system(tx, clinic, system).await?.len() >= MAX_WEBHOOKS {
            return Err(Fault::Conflict {
                path: None,
                problem: "the system has as many webhooks as it may: remove one that is not used",
            });
        }
        store::webhook::insert(tx, &kept).await?;
        partner::note(tx, caller, clinic, "webhook_made", format!("{system} {id}"), why, now).await?;
        find(tx, clinic, system, id).await
    };
    let webhook = app.store.write(make).await?;
    Ok(IssuedWebhook {
        webhook,
        secret: secret.shown,
    })
}

/// Ends a webhook. What waits for it is forgotten.
pub async fn end(
    app: &App,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    webhook: WebhookId,
) -> Result<(), Fault> {
    let now = app.now();
    let end = async move |tx: &mut Tx| {
        let (_, why) = partner::of_clinic(tx, caller, clinic, system, now).await?;
        if !store::webhook::end(tx, system, Some(webhook)).await? {
            return Err(Fault::NotFound);
        }
        partner::note(
            tx,
            caller,
            clinic,
            "webhook_ended",
            format!("{system} {webhook}"),
            why,
            now,
        )
        .await
    };
    app.store.write(end).await
}

/// Signs with a new secret from now on. For a day the old one signs along, so that the receiver can change over.
pub async fn renew_secret(
    app: &App,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    webhook: WebhookId,
) -> Result<IssuedWebhook, Fault> {
    let now = app.now();
    let secret = app.webhook_secrets.fresh(webhook)?;
    let kept = secret.kept;
    let renew = async move |tx: &mut Tx| {
        let (_, why) = partner::of_clinic(tx, caller, clinic, system, now).await?;
        let until = now + TimeDelta::hours(OLD_SECRET_HOURS);
        if !store::webhook::renew_secret(tx, system, webhook, &kept, until).await? {
            return Err(Fault::NotFound);
        }
        let what = format!("{system} {webhook}");
        partner::note(tx, caller, clinic, "webhook_secret_renewed", what, why, now).await?;
        find(tx, clinic, system, webhook).await
    };
    let webhook = app.store.write(renew).await?;
    Ok(IssuedWebhook {
        webhook,
        secret: secret.shown,
    })
}

/// Sends a test event, after what waits. Where one waits already, it stays at that.
pub async fn ping(
    app: &App,
    caller: Caller,
    clinic: ClinicId,
    system: PersonId,
    webhook: WebhookId,
) -> Result<Message, Fault> {
    let now = app.now();
    let test = event::message(EventKind::Ping, About::default(), to_millis(now), now)?;
    let ping = async move |tx: &mut Tx| {
        let (_, why) = partner::of_clinic(tx, caller, clinic, system, now).await?;
        if find(tx, clinic, system, webhook).await?.gone.is_some() {
            return Err(GONE);
        }
        if let Some(waits) = store::webhook::waiting_ping(tx, webhook).await? {
            return Ok(waits);
        }
        let message = store::webhook::add(tx, webhook, &test, now).await?.ok_or(GONE)?;
        partner::note(
            tx,
            caller,
            clinic,
            "webhook_pinged",
            format!("{system} {webhook}"),
            why,
            now,
        )
        .await?;
        Ok(message)
    };
    app.store.write(ping).await
}

/// The webhook of the system, which is the clinic's.
pub(super) async fn find(
    tx: &mut Tx,
    clinic: ClinicId,
    system: PersonId,
    webhook: WebhookId,
) -> Result<Webhook, Fault> {
    let all = of_system(tx, clinic, system).await?;
    all.into_iter().find(|known| known.id == webhook).ok_or(Fault::NotFound)
}

async fn of_system(tx: &mut Tx, clinic: ClinicId, system: PersonId) -> Result<Vec<Webhook>, Fault> {
    let all = store::webhook::of_clinic(tx, clinic, Some(system)).await?;
    Ok(all.into_iter().map(|(_, webhook)| webhook).collect())
}

fn address(app: &App, url: &str) -> Result<String, Fault> {
    if url.len() > MAX_URL {
        return Err(Fault::field("url", format!("has {MAX_URL} bytes at most")));
    }
    let url = app.reach.url(url).map_err(|problem| Fault::field("url", problem))?;
    Ok(url.to_string())
}

/// Each once, in the order of all.
fn chosen(events: Vec<EventKind>) -> Result<Vec<EventKind>, Fault> {
    if events.contains(&EventKind::Ping) {
        return Err(Fault::field(
            "events",
            "a test comes to every webhook that is asked for one",
        ));
    }
    let all = EventKind::CHOSEN.iter().copied();
    let chosen: Vec<EventKind> = all.filter(|kind| events.contains(kind)).collect();
    match chosen.is_empty() {
        true => Err(Fault::field("events", "name at least one")),
        false => Ok(chosen),
    }
}

/// As precise as every other time of an event.
fn to_millis(now: DateTime<Utc>) -> DateTime<Utc> {
    chrono::SubsecRound::trunc_subsecs(now, 3)
}

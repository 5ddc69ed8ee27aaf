//! The cache of a browser: IndexedDB, holding what the backend has not acknowledged yet, what could not be decoded, and
//! small values. Records are never written here: they come from the backend at each start and live in memory.
//!
//! Every write is one transaction with `durability: "strict"`, so that a confirmed entry survives a power cut where the
//! browser keeps its word.

use doseline_client::{
    cache::{Batch, Cache, CacheError, Pending, Quarantined, Stored},
    json,
};
use js_sys::{Array, Object, Promise, Reflect};
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction};

const VERSION: u32 = 1;
/// Keys: a running number; values: JSON of [`Pending`]. The number keeps the order in which entries were made.
const OUTBOX: &str = "outbox";
/// Keys: `kind/record`; values: JSON of [`Quarantined`].
const QUARANTINE: &str = "quarantine";
/// Keys: names; values: texts.
const VALUES: &str = "values";

/// See the module.
#[derive(Clone)]
pub struct IndexedDbCache {
    database: IdbDatabase,
}

impl IndexedDbCache {
    /// Opens the database of this name, and makes its stores where there are none.
    pub async fn open(name: &str) -> Result<Self, CacheError> {
        let factory: IdbFactory = window()
            .indexed_db()
            .ok()
            .flatten()
            .ok_or_else(|| failed("no IndexedDB here"))?;
        let request = factory.open_with_u32(name, VERSION).map_err(|fault| error(&fault))?;
        let made = request.clone();
        let make = Closure::<dyn Fn()>::new(move || make_stores(&made));
        request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
        let database = done(&request).await?;
        drop(make);
        let database: IdbDatabase = database.dyn_into().map_err(|_| failed("no database"))?;
        Ok(Self { database })
    }

    /// The unsent entries that can be read, though others cannot.
    pub async fn salvage(&self) -> Result<Vec<Pending>, CacheError> {
        let transaction = self.transaction("readonly")?;
        let all = texts(&store(&transaction, OUTBOX)?).await?;
        Ok(all.iter().filter_map(|text| parsed(text).ok()).collect())
    }

    fn transaction(&self, mode: &str) -> Result<IdbTransaction, CacheError> {
        let stores = Array::of3(&OUTBOX.into(), &QUARANTINE.into(), &VALUES.into());
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into()).map_err(|fault| error(&fault))?;
        let function = Reflect::get(&self.database, &"transaction".into()).map_err(|fault| error(&fault))?;
        // web-sys has no form of this call with options.
        Reflect::apply(
            function.unchecked_ref::<js_sys::Function>(),
            &self.database,
            &Array::of3(&stores, &mode.into(), &options),
        )
        .map_err(|fault| error(&fault))?
        .dyn_into()
        .map_err(|_| failed("no transaction"))
    }
}

impl Cache for IndexedDbCache {
    async fn load(&self) -> Result<Stored, CacheError> {
        let transaction = self.transaction("readonly")?;
        let mut stored = Stored::default();
        for text in texts(&store(&transaction, OUTBOX)?).await? {
            stored.outbox.push(parsed::<Pending>(&text)?);
        }
        for text in texts(&store(&transaction, QUARANTINE)?).await? {
            stored.quarantine.push(parsed::<Quarantined>(&text)?);
        }
        let values = store(&transaction, VALUES)?;
        let keys = done(&values.get_all_keys().map_err(|fault| error(&fault))?).await?;
        for (name, value) in Array::from(&keys).iter().zip(texts(&values).await?) {
            stored.values.push((name.as_string().unwrap_or_default(), value));
        }
        Ok(stored)
    }

    async fn commit(&self, batch: Batch) -> Result<(), CacheError> {
        let transaction = self.transaction("readwrite")?;
        let written = write(&transaction, &batch).await;
        if written.is_err() {
            // It may have aborted by itself already.
            drop(transaction.abort());
            return written;
        }
        committed(&transaction).await
    }

    fn keeps_records(&self) -> bool {
        false
    }
}

async fn write(transaction: &IdbTransaction, batch: &Batch) -> Result<(), CacheError> {
    let (outbox, quarantine, values) = (
        store(transaction, OUTBOX)?,
        store(transaction, QUARANTINE)?,
        store(transaction, VALUES)?,
    );
    if !batch.pending.is_empty() || !batch.acknowledged.is_empty() {
        let places = places(&outbox).await?;
        let place = |id: &str| places.iter().find(|(known, _)| known == id).map(|(_, key)| key.clone());
        for id in &batch.acknowledged {
            if let Some(key) = place(&id.to_string()) {
                outbox.delete(&key).map_err(|fault| error(&fault))?;
            }
        }
        for pending in &batch.pending {
            let text = json(pending)?;
            match place(&pending.id.to_string()) {
                Some(key) => outbox.put_with_key(&text, &key),
                None => outbox.put(&text),
            }
            .map_err(|fault| error(&fault))?;
        }
    }
    if !batch.remove_patients.is_empty() {
        for text in texts(&quarantine).await? {
            let kept = parsed::<Quarantined>(&text)?;
            if batch.remove_patients.contains(&kept.patient) {
                quarantine
                    .delete(&quarantine_key(&kept))
                    .map_err(|fault| error(&fault))?;
            }
        }
    }
    for kept in &batch.quarantine {
        quarantine
            .put_with_key(&json(kept)?, &quarantine_key(kept))
            .map_err(|fault| error(&fault))?;
    }
    for (name, value) in &batch.values {
        let key = JsValue::from_str(name);
        match value {
            Some(value) => values.put_with_key(&JsValue::from_str(value), &key),
            None => values.delete(&key),
        }
        .map_err(|fault| error(&fault))?;
    }
    Ok(())
}

/// The ids in the outbox with their keys.
async fn places(outbox: &IdbObjectStore) -> Result<Vec<(String, JsValue)>, CacheError> {
    let keys = done(&outbox.get_all_keys().map_err(|fault| error(&fault))?).await?;
    let ids = texts(outbox).await?;
    Array::from(&keys)
        .iter()
        .zip(ids)
        .map(|(key, text)| Ok((parsed::<Pending>(&text)?.id.to_string(), key)))
        .collect()
}

fn quarantine_key(kept: &Quarantined) -> JsValue {
    JsValue::from_str(&format!("{}/{}", kept.kind, kept.record))
}

fn make_stores(request: &IdbOpenDbRequest) {
    let Some(database) = request
        .result()
        .ok()
        .and_then(|database| database.dyn_into::<IdbDatabase>().ok())
    else {
        return;
    };
    let counted = web_sys::IdbObjectStoreParameters::new();
    counted.set_auto_increment(true);
    // A store that cannot be made shows at once: the first transaction names all three.
    drop(database.create_object_store_with_optional_parameters(OUTBOX, &counted));
    drop(database.create_object_store(QUARANTINE));
    drop(database.create_object_store(VALUES));
}

fn store(transaction: &IdbTransaction, name: &str) -> Result<IdbObjectStore, CacheError> {
    transaction.object_store(name).map_err(|fault| error(&fault))
}

async fn texts(store: &IdbObjectStore) -> Result<Vec<String>, CacheError> {
    let all = done(&store.get_all().map_err(|fault| error(&fault))?).await?;
    Ok(Array::from(&all).iter().filter_map(|text| text.as_string()).collect())
}

/// Waits for a request.
async fn done(request: &IdbRequest) -> Result<JsValue, CacheError> {
    let asked = request.clone();
    let promise = Promise::new(&mut |resolve, reject| {
        asked.set_onsuccess(Some(&resolve));
        asked.set_onerror(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => request.result().map_err(|fault| error(&fault)),
        Err(_) => Err(request
            .error()
            .ok()
            .flatten()
            .map_or_else(|| failed("no answer"), |fault| named(&fault))),
    }
}

/// Waits until a transaction is on the disk.
async fn committed(transaction: &IdbTransaction) -> Result<(), CacheError> {
    let running = transaction.clone();
    let promise = Promise::new(&mut |resolve, reject| {
        running.set_oncomplete(Some(&resolve));
        running.set_onabort(Some(&reject));
    });
    match JsFuture::from(promise).await {
        Ok(_) => Ok(()),
        Err(_) => Err(transaction
            .error()
            .map_or_else(|| failed("aborted"), |fault| named(&fault))),
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<JsValue, CacheError> {
    serde_json::to_string(value)
        .map(|text| JsValue::from_str(&text))
        .map_err(|fault| CacheError::Failed(fault.to_string()))
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, CacheError> {
    json::read(text).map_err(|fault| CacheError::Damaged(fault.to_string()))
}

fn error(fault: &JsValue) -> CacheError {
    fault.dyn_ref::<DomException>().map_or_else(|| failed("refused"), named)
}

fn named(fault: &DomException) -> CacheError {
    match fault.name().as_str() {
        "QuotaExceededError" => CacheError::Full,
        "VersionError" => CacheError::Damaged("it was written by a newer version".to_owned()),
        name => CacheError::Failed(name.to_owned()),
    }
}

fn failed(why: &str) -> CacheError {
    CacheError::Failed(why.to_owned())
}

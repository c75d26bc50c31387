//! The files of a model, wherever they are: chosen, kept, or to be fetched first.

use engine::weights::safetensors::Index;
use protocol::language::{ModelSource, Origin};
use protocol::{AppError, Problem};
use web_sys::{Blob, File};

use super::address::{Address, Wanted};
use super::errand::Errand;
use super::error;
use super::fetch::{self, Copying, Whole};
use super::files::{Readable, Role};
use super::kept::{self, Part, Place, Record};
use super::opfs::Refused;
use super::own_site;
use super::sink::{Held, Sink};

/// The files of a model.
pub struct Obtained {
    /// They, ready to be read.
    pub files: Vec<Readable>,
    /// Where they came from.
    pub origin: Origin,
    /// The model's key, if it is kept.
    pub key: Option<String>,
    /// The SHA-256 of its weights, where it is known.
    pub sha256: Option<String>,
    /// Why it is not kept, where it should be.
    pub not_kept: Option<String>,
}

/// Gets the files of a model. `keep` says whether chosen ones are to be kept; fetched ones always are, if they can.
///
/// # Errors
/// When they cannot be had, or somebody stops it; what was fetched stays.
pub async fn obtain(
    source: &ModelSource,
    chosen: &[File],
    keep: bool,
    errand: &Errand<'_>,
) -> Result<Obtained, AppError> {
    match source {
        ModelSource::Bundled => {
            let files = own_site::NANO.fetch(errand).await?;
            Ok(Obtained { files, origin: Origin::Bundled, key: None, sha256: None, not_kept: None })
        }
        ModelSource::Files if keep => copied(chosen, errand).await,
        ModelSource::Files => not_kept(Readable::chosen(chosen)?, None),
        ModelSource::Address(pasted) => {
            let record = Record::of_address(&Address::of(pasted)?);
            match Place::of(errand.scope, record.clone()).await {
                Ok(place) => fetched(place, errand).await,
                Err(refused @ Refused::InUse) => Err(fetch::unwritten(&refused)),
                Err(refused) => {
                    let why = why(&refused, None, errand).await;
                    held(record, why, errand).await
                }
            }
        }
        ModelSource::Kept(key) => fetched(Place::existing(errand.scope, key).await?, errand).await,
    }
}

fn not_kept(files: Vec<Readable>, why: Option<String>) -> Result<Obtained, AppError> {
    Ok(Obtained { files, origin: Origin::Chosen, key: None, sha256: None, not_kept: why })
}

/// A kept model, what is missing of it fetched. What finds no room is held for as long as the worker lives.
async fn fetched(mut place: Place, errand: &Errand<'_>) -> Result<Obtained, AppError> {
    let origin = if place.record.is_complete() { Origin::Kept } else { Origin::Network };
    let mut held = Vec::new();
    let mut not_kept = None;
    let mut sha256 = place.record.sha256();
    if origin == Origin::Network {
        if place.record.address.is_none() {
            let message = format!("{} was not copied to its end", place.record.name);
            return Err(error::error(
                Problem::Model,
                message,
                "Delete it from the list, and choose the file again.",
            ));
        }
        let result = fetch_all(&mut place, &mut held, errand).await;
        if !held.is_empty() {
            not_kept = Some(why(&Refused::Full, place.record.size(), errand).await);
        }
        sha256 = place.record.sha256();
        for part in &mut place.record.files {
            if held.iter().any(|(name, _)| *name == part.name) {
                part.sha256 = None;
            }
        }
        // What is there is gone on from, if there is anything.
        let noted = if place.bytes().await == 0 {
            kept::delete(errand.scope, &place.key).await
        } else {
            place.note(errand.scope).await.map_err(|refused| fetch::unwritten(&refused))
        };
        result?;
        // Where there is no room, there may be none for a note.
        if not_kept.is_none() {
            noted?;
        }
    }
    let mut files = Vec::new();
    for part in place.record.files.iter().filter(|part| !part.absent) {
        let blob = held.iter().find(|(name, _)| *name == part.name).map(|(_, blob)| blob.clone());
        let blob = match blob {
            Some(blob) => blob,
            None => place.file(part).await?.into(),
        };
        files.push(Readable::of(part.name.clone(), blob)?);
    }
    let key = not_kept.is_none().then_some(place.key);
    Ok(Obtained { files, origin, key, sha256, not_kept })
}

async fn fetch_all(
    place: &mut Place,
    held: &mut Vec<(String, Blob)>,
    errand: &Errand<'_>,
) -> Result<(), AppError> {
    let resumed = place.bytes().await;
    let mut at = 0;
    while let Some(mut part) = place.record.files.get(at).cloned() {
        if !part.is_done() {
            let mut sink = match place.folder.writer(&part.name).await {
                Ok(writer) => Sink::Kept(writer),
                Err(Refused::Full) => Sink::Held(Held::default()),
                Err(refused) => return Err(fetch::unwritten(&refused)),
            };
            let whole = whole(&place.record, at, resumed);
            let mut note = async |part: &Part| {
                set(&mut place.record, at, part);
                place.note(errand.scope).await
            };
            let result = fetch::fetch(errand, &mut part, &mut sink, whole, &mut note).await;
            // What is no model is not gone on from.
            if part.sha256.is_none() && part.size.is_none() {
                drop(sink.clear());
            }
            let finished = sink.finish();
            set(&mut place.record, at, &part);
            result?;
            let blob = finished.map_err(|refused| fetch::unwritten(&refused))?;
            held.extend(blob.map(|blob| (part.name.clone(), blob)));
            if part.absent {
                drop(place.folder.remove(&part.name).await);
            }
        }
        if Role::of(&part.name) == Role::Index {
            let blob = held.iter().find(|(name, _)| *name == part.name).map(|(_, blob)| blob.clone());
            let blob = match blob {
                Some(blob) => blob,
                None => place.file(&part).await?.into(),
            };
            add_weights(&mut place.record, at, &Readable::of(part.name.clone(), blob)?)?;
        }
        at += 1;
    }
    Ok(())
}

fn set(record: &mut Record, at: usize, part: &Part) {
    if let Some(place) = record.files.get_mut(at) {
        place.clone_from(part);
    }
}

/// How far the other files are while one is fetched.
fn whole(record: &Record, at: usize, resumed: u64) -> Whole {
    let others = || record.files.iter().enumerate().filter(|(other, part)| *other != at && !part.absent);
    let before = others().filter(|(other, _)| *other < at).filter_map(|(_, part)| part.size).sum();
    Whole { before, besides: others().map(|(_, part)| part.size).sum(), resumed }
}

/// Adds the files of weights that an index names.
fn add_weights(record: &mut Record, index: usize, file: &Readable) -> Result<(), AppError> {
    let broken = |failure| error::weights(&engine::weights::WeightsError::Safetensors(failure));
    let text = String::from_utf8(file.whole()?).unwrap_or_default();
    let names = Index::parse(&text).map_err(broken)?;
    let address = record.files.get(index).and_then(|part| part.address.clone()).unwrap_or_default();
    let address = Address::of(&address)?;
    for name in names.files() {
        if !record.files.iter().any(|part| part.name == name) {
            let wanted = Wanted { name: name.to_owned(), address: address.beside(name), optional: false };
            record.files.push(Part::wanted(wanted));
        }
    }
    Ok(())
}

/// A model from an address where the browser keeps nothing.
async fn held(mut record: Record, why: String, errand: &Errand<'_>) -> Result<Obtained, AppError> {
    let mut files = Vec::new();
    let mut at = 0;
    while let Some(mut part) = record.files.get(at).cloned() {
        let mut sink = Sink::Held(Held::default());
        let whole = whole(&record, at, 0);
        fetch::fetch(errand, &mut part, &mut sink, whole, &mut async |_: &Part| Ok(())).await?;
        set(&mut record, at, &part);
        if let Some(blob) =
            sink.finish().map_err(|refused| fetch::unwritten(&refused))?.filter(|_| !part.absent)
        {
            let file = Readable::of(part.name.clone(), blob)?;
            if Role::of(&part.name) == Role::Index {
                add_weights(&mut record, at, &file)?;
            }
            files.push(file);
        }
        at += 1;
    }
    let sha256 = record.sha256();
    Ok(Obtained { files, origin: Origin::Network, key: None, sha256, not_kept: Some(why) })
}

/// Chosen files, copied to where they are kept. When that does not work they are read where they are.
async fn copied(chosen: &[File], errand: &Errand<'_>) -> Result<Obtained, AppError> {
    let readable = Readable::chosen(chosen)?;
    let mut place = match Place::of(errand.scope, Record::of_files(chosen)).await {
        Ok(place) => place,
        Err(refused) => {
            return not_kept(readable, Some(why(&refused, Record::of_files(chosen).size(), errand).await));
        }
    };
    if !place.record.is_complete() {
        match copy_all(&mut place, chosen, errand).await {
            Ok(()) => {}
            Err(failure) => {
                drop(kept::delete(errand.scope, &place.key).await);
                return match failure {
                    Copying::Failed(error) => Err(error),
                    Copying::Unwritten(refused) => {
                        not_kept(readable, Some(why(&refused, place.record.size(), errand).await))
                    }
                };
            }
        }
    }
    // The chosen files have the same bytes, and nothing else stands between them and the disk.
    let (sha256, key) = (place.record.sha256(), Some(place.key));
    Ok(Obtained { files: readable, origin: Origin::Chosen, key, sha256, not_kept: None })
}

/// Why files of so many bytes are not kept, in words.
async fn why(refused: &Refused, size: Option<u64>, errand: &Errand<'_>) -> String {
    if *refused != Refused::Full {
        return refused.to_string();
    }
    kept::no_room(errand.scope, size).await
}

async fn copy_all(place: &mut Place, chosen: &[File], errand: &Errand<'_>) -> Result<(), Copying> {
    let size = place.record.size();
    if let (Some(size), Some((quota, used))) = (size, kept::quota(errand.scope).await)
        && size > quota.saturating_sub(used)
    {
        return Err(Copying::Unwritten(Refused::Full));
    }
    let wanted = chosen.iter().filter(|file| Role::of(&file.name()) != Role::Other);
    for (at, file) in wanted.enumerate() {
        let Some(mut part) = place.record.files.get(at).cloned() else { continue };
        let whole = whole(&place.record, at, 0);
        let file = Readable::of(file.name(), Blob::from(file.clone())).map_err(Copying::Failed)?;
        let mut sink = Sink::Kept(place.folder.writer(&part.name).await.map_err(Copying::Unwritten)?);
        fetch::copy(errand, &file, &mut part, &mut sink, whole).await?;
        sink.finish().map_err(Copying::Unwritten)?;
        set(&mut place.record, at, &part);
    }
    place.note(errand.scope).await.map_err(Copying::Unwritten)
}

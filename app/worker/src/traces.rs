//! Trace files: read from the browser, and errors about them as the page is told.

use engine::trace::{self, Trace};
use js_sys::Uint8Array;
use protocol::AppError;
use protocol::trace::{Difference, MOST_BYTES, not_opened, wrong_line};
use web_sys::{Blob, File, FileReaderSync};

/// Reads the file that came beside a message.
///
/// # Errors
/// When there is none, it is too large, the browser does not give it, or it is no trace: then with its line and a remedy.
pub fn read(files: &[File]) -> Result<Trace, AppError> {
    let file = files.first().ok_or_else(|| not_opened("no file came", "Choose it once more."))?;
    let bytes = file.size() as u64;
    if bytes > MOST_BYTES {
        let message =
            format!("{} has {bytes} bytes; the page opens traces of {MOST_BYTES} at most", file.name());
        return Err(not_opened(message, "Check it on the command line: worldmodel trace --check FILE."));
    }
    let unreadable = |_| {
        let message = format!("the browser does not read {}", file.name());
        not_opened(message, "Choose the file once more; it may have been moved or changed since.")
    };
    let reader = FileReaderSync::new().map_err(unreadable)?;
    let buffer = reader.read_as_array_buffer(&Blob::from(file.clone())).map_err(unreadable)?;
    let text = String::from_utf8(Uint8Array::new(&buffer).to_vec()).map_err(|error| {
        let lines = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = lines.iter().filter(|byte| **byte == b'\n').count() + 1;
        wrong_line(line, "this is no text in UTF-8", "choose a file that the page or worldmodel trace wrote")
    })?;
    trace::read(&text).map_err(|error| wrong_line(error.line, &error.message, error.help))
}

/// A trace as a file's text.
///
/// # Errors
/// When a part of it has no form in a file.
pub fn write(trace: &Trace) -> Result<String, AppError> {
    trace::write(trace).map_err(|error| not_opened(error.to_string(), "Please report the run."))
}

/// Where a file and its run, made again, differ first.
pub fn compared(file: &Trace, again: Trace) -> Option<Difference> {
    let trace::Difference { line, place, file, again } =
        trace::first_difference(file, &file.stopped_as_this_one(again))?;
    Some(Difference { line, place, file, again })
}

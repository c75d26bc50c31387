//! A server for the built site: files only, on this machine only.

use anyhow::{Result, bail};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How long a browser may take to say what it wants, or to take it. Browsers also connect without wanting anything yet.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes of a request at most.
const MAX_REQUEST: u64 = 64 << 10;

/// Sent with every answer. The last two let the page share memory with its workers.
const HEADERS: [(&str, &str); 5] = [
    // A connection is for one file: one that waits for the next would keep a thread.
    ("Connection", "close"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
];

/// Sent with the engine's worker, whose policy is not the page's but comes with its script: it alone loads models,
/// from any address, and from servers of other programs on this machine.
const WORKER_POLICY: (&str, &str) = (
    "Content-Security-Policy",
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' https: \
     http://localhost:* http://127.0.0.1:*",
);

/// A port on this machine that nobody else can take any more.
pub struct Port(TcpListener);

/// Takes a port; 0 takes any free one. Nothing is answered before [`start`].
pub fn take(port: u16) -> Result<Port> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(listener) => Ok(Port(listener)),
        Err(error) => bail!(
            "cannot listen on 127.0.0.1:{port}: {error}.\n\
             Remedy: end the program that uses the port, or choose another with --port N"
        ),
    }
}

/// Starts serving a folder in the background and returns its address.
pub fn start(folder: &Path, Port(listener): Port) -> Result<String> {
    let address = format!("http://{}", listener.local_addr()?);
    let folder = folder.to_path_buf();
    thread::spawn(move || {
        // A connection that broke before it was taken is no error.
        for connection in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser that has gone away is none, either.
            thread::spawn(move || drop(answer(&connection, &folder)));
        }
    });
    Ok(address)
}

/// Keeps the program alive for the threads that answer.
pub fn forever() -> ! {
    loop {
        thread::park();
    }
}

/// Answers one request.
fn answer(connection: &TcpStream, folder: &Path) -> io::Result<()> {
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(connection.take(MAX_REQUEST)).lines();
    let Some(request) = lines.next().transpose()? else { return Ok(()) };
    // What else it says changes nothing, but must be read: else the browser hears that the connection broke.
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let mut words = request.split(' ');
    let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let text = |status, text: &str| {
        head(connection, status, "text/plain; charset=utf-8", text.len() as u64, None)?;
        (&*connection).write_all(text.as_bytes())
    };
    match (method, find(folder, url)) {
        ("GET" | "HEAD", Some((path, mut file))) => {
            let policy = path.ends_with("engine/boot.js").then_some(WORKER_POLICY);
            head(connection, "200 OK", content_type(&path), file.metadata()?.len(), policy)?;
            if method == "GET" {
                io::copy(&mut file, &mut &*connection)?;
            }
            Ok(())
        }
        ("GET" | "HEAD", None) => text("404 Not Found", "Not found"),
        _ => text("405 Method Not Allowed", "Only GET and HEAD"),
    }
}

/// Writes what stands before the bytes of a file. Their number is always said: the page shows how much of it has come.
fn head(
    mut connection: &TcpStream,
    status: &str,
    content_type: &str,
    length: u64,
    policy: Option<(&str, &str)>,
) -> io::Result<()> {
    let mut text =
        format!("HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n");
    for (name, value) in HEADERS.into_iter().chain(policy) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    connection.write_all((text + "\r\n").as_bytes())
}

/// The file an address names, if it lies inside the folder.
fn find(folder: &Path, url: &str) -> Option<(PathBuf, File)> {
    let mut path = folder.join(relative(url)?);
    if path.is_dir() {
        path.push("index.html");
    }
    let file = File::open(&path).ok()?;
    file.metadata().ok()?.is_file().then_some((path, file))
}

/// The path of an address below the site's root; none when it would lead out of it.
fn relative(url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?.trim_start_matches('/');
    let path = PathBuf::from(decoded(path)?);
    path.components().all(|part| matches!(part, Component::Normal(_))).then_some(path)
}

/// Replaces `%41` by `A`.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "wat" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::Folder;

    #[test]
    fn addresses_stay_inside_the_site() {
        assert_eq!(relative("/engine/boot.js?engine=light"), Some(PathBuf::from("engine/boot.js")));
        assert_eq!(relative("/"), Some(PathBuf::new()));
        assert_eq!(relative("/a%20b"), Some(PathBuf::from("a b")));
        for outside in ["/../secret", "/%2e%2e/secret", "/a/../../b", "/%2Fetc/passwd", "/%f", "/%zz"] {
            assert_eq!(relative(outside), None, "{outside}");
        }
    }

    #[test]
    fn wasm_has_the_type_that_streaming_needs() {
        assert_eq!(content_type(Path::new("page.wasm")), "application/wasm");
        assert_eq!(content_type(Path::new("weights")), "application/octet-stream");
    }

    #[test]
    fn connections_that_want_nothing_yet_keep_nobody_waiting() {
        let folder = Folder::new("idle-connections");
        std::fs::write(folder.path().join("a.txt"), "here").unwrap();
        let address = start(folder.path(), take(0).unwrap()).unwrap();
        let connect = || TcpStream::connect(address.trim_start_matches("http://")).unwrap();
        let idle: Vec<TcpStream> = (0..32).map(|_| connect()).collect();
        let mut asking = connect();
        asking.write_all(b"GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        asking.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\r\nContent-Length: 4\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\nhere"), "{answer}");
        drop(idle);
    }

    #[test]
    fn a_port_in_use_names_the_remedy() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = take(port).err().unwrap();
        assert!(error.to_string().contains("--port"));
    }
}

//! A server for the built site: files only, on this machine only.

use anyhow::{Result, bail};
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread;
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

/// How many requests are answered at once.
const THREADS: usize = 4;

/// Sent with every answer. The last two let the page share memory with its workers.
const HEADERS: [(&str, &str); 4] = [
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
pub struct Port(Server);

/// Takes a port; 0 takes any free one. Nothing is answered before [`start`].
pub fn take(port: u16) -> Result<Port> {
    match Server::http(("127.0.0.1", port)) {
        Ok(server) => Ok(Port(server)),
        Err(error) => bail!(
            "cannot listen on 127.0.0.1:{port}: {error}.\n\
             Remedy: end the program that uses the port, or choose another with --port N"
        ),
    }
}

/// Starts serving a folder in the background and returns its address.
pub fn start(folder: &Path, Port(server): Port) -> String {
    let server = Arc::new(server);
    let address = format!("http://{}", server.server_addr());
    for _ in 0..THREADS {
        let (server, folder) = (Arc::clone(&server), folder.to_path_buf());
        thread::spawn(move || {
            for request in server.incoming_requests() {
                answer(request, &folder);
            }
        });
    }
    address
}

/// Keeps the program alive for the threads that answer.
pub fn forever() -> ! {
    loop {
        thread::park();
    }
}

/// Answers one request; a browser that has gone away is no error.
fn answer(request: Request, folder: &Path) {
    let sent = match (request.method(), find(folder, request.url())) {
        (Method::Get | Method::Head, Some((path, file))) => {
            // Never in chunks: the page shows how much of the length has come.
            let response = Response::from_file(file).with_chunked_threshold(usize::MAX);
            let response = dressed(response, content_type(&path));
            request.respond(if path.ends_with("engine/boot.js") {
                with(response, WORKER_POLICY)
            } else {
                response
            })
        }
        (Method::Get | Method::Head, None) => request.respond(status(404, "Not found")),
        _ => request.respond(status(405, "Only GET and HEAD")),
    };
    drop(sent);
}

fn status(code: u16, text: &str) -> Response<std::io::Cursor<Vec<u8>>> {
    dressed(Response::from_string(text).with_status_code(StatusCode(code)), "text/plain; charset=utf-8")
}

fn dressed<R: std::io::Read>(response: Response<R>, content_type: &str) -> Response<R> {
    let headers = HEADERS.into_iter().chain([("Content-Type", content_type)]);
    headers.fold(response, with)
}

fn with<R: std::io::Read>(response: Response<R>, (name, value): (&str, &str)) -> Response<R> {
    match Header::from_bytes(name, value) {
        Ok(header) => response.with_header(header),
        Err(()) => response,
    }
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
    fn a_port_in_use_names_the_remedy() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = take(port).err().unwrap();
        assert!(error.to_string().contains("--port"));
    }
}

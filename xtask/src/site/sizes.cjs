// Prints one line a file: path, bytes, bytes after gzip, bytes after brotli. Called by sizes.rs.
const { readFileSync } = require("node:fs");
const zlib = require("node:zlib");

for (const path of process.argv.slice(1)) {
  const bytes = readFileSync(path);
  const gzip = zlib.gzipSync(bytes, { level: 9 }).length;
  // As a host of static files compresses once for all; minutes on the WebGPU engine, where 9 has to do.
  const quality = bytes.length < 8_000_000 ? 11 : 9;
  const brotli = zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: quality } }).length;
  console.log([path, bytes.length, gzip, brotli].join("\t"));
}

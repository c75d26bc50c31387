// Prints one line a file: path, bytes, bytes after gzip, bytes after brotli. Called by sizes.rs.
const { readFileSync } = require("node:fs");
const zlib = require("node:zlib");

for (const path of process.argv.slice(1)) {
  const bytes = readFileSync(path);
  const gzip = zlib.gzipSync(bytes, { level: 9 }).length;
  const brotli = zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 9 } }).length;
  console.log([path, bytes.length, gzip, brotli].join("\t"));
}

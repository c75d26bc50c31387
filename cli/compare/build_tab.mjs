// Builds engine/examples/tab.rs for the web, and says in which folder it lies.
import { execFileSync } from "node:child_process";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export function build() {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, "target");
  const features = ["--no-default-features", "--features", "language", "--example", "tab"];
  const arguments_ = ["build", "--release", "--locked", "-p", "engine", ...features, "--target", "wasm32-unknown-unknown"];
  execFileSync("cargo", arguments_, { cwd: root, stdio: "inherit" });
  const folder = path.join(tmpdir(), "worldmodel-tab");
  const wasm = path.join(target, "wasm32-unknown-unknown/release/examples/tab.wasm");
  // Where xtask puts its tools.
  const tools = path.join(homedir(), ".cache/worldmodel-xray/tools/bin");
  const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
  execFileSync("wasm-bindgen", ["--target", "web", "--out-dir", folder, wasm], { env });
  return folder;
}

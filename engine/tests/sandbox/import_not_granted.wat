;; error: 4:4: the module imports the function `wasi_snapshot_preview1.fd_write`, which is not granted
(module
  ;; written inside the function it names
  (func $write (import "wasi_snapshot_preview1" "fd_write") (param i32 i32 i32 i32) (result i32))
  (func (export "main")))

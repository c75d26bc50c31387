;; error: 2:10: the module imports `output.i32` as (i64) -> (); it is (i32) -> ()
(module (import "output" "i32" (func $out (param i64))) (func (export "main")))

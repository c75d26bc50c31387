;; outputs: 1
;; trap: unreachable was executed
(module (import "output" "i32" (func $out (param i32)))
  (func (export "main") (call $out (i32.const 1)) unreachable))

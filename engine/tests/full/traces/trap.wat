;; A trap is one token.
;; call f
;; traps integer divide by zero
;; | call 00 00.
;; | 05 00 00 00.
;; | 00 00 00 00.
;; | trap: integer divide by zero
(module (func (export "f") (result i32) (i32.rem_u (i32.const 5) (i32.const 0))))

;; Values are four bytes, the last marked; arguments are copied into the frame that a call opens, results taken out of it.
;; call f 3 300
;; gives 303
;; | 03 00 00 00.
;; | 2c 01 00 00.
;; | 03 00 00 00.
;; | 2c 01 00 00.
;; | call 00 00.
;; | 03 00 00 00.
;; | 2c 01 00 00.
;; | 2f 01 00 00.
;; | return 09 00.
;; | 2f 01 00 00.
;; | halt
(module (func (export "f") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))

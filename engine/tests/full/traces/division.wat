;; Signed division: it is checked, both absolute values, four rounds of a digit and what it leaves, the quotient, its sign.
;; call f -1000 7
;; gives 4294967154
;; | 18 fc ff ff.
;; | 07 00 00 00.
;; | 18 fc ff ff.
;; | 07 00 00 00.
;; | call 00 00.
;; | 18 fc ff ff.
;; | 07 00 00 00.
;; | step
;; | e8 03 00 00.
;; | 07 00 00 00.
;; | 00.
;; | 00 00 00 00.
;; | 00.
;; | 00 00 00 00.
;; | 00.
;; | 03 00 00 00.
;; | 8e.
;; | 06 00 00 00.
;; | 8e 00 00 00.
;; | 72 ff ff ff.
;; | return 15 00.
;; | 72 ff ff ff.
;; | halt
(module (func (export "f") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1))))

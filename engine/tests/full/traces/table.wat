;; A branch by a table goes by way of its entry; what it takes along is copied.
;; call f 1
;; gives 7
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | call 00 00.
;; | 09 00 00 00.
;; | 07 00 00 00.
;; | 01 00 00 00.
;; | jump 0c 00.
;; | jump 06 00.
;; | 07 00 00 00.
;; | jump 0a 00.
;; | return 11 00.
;; | 07 00 00 00.
;; | halt
(module (func (export "f") (param i32) (result i32)
  (block (result i32) (block (result i32)
    i32.const 9 i32.const 7 local.get 0 br_table 0 1 0)
    drop i32.const 1)))

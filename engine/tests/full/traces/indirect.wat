;; An indirect call goes by way of the table, which is a page of jumps: entry 1 is the function at 0, of the type that is wanted.
;; call f
;; gives 5
;; | call 02 00.
;; | 01 00 00 00.
;; | call 01 01.
;; | jump 00 00.
;; | 05 00 00 00.
;; | return 04 00.
;; | 05 00 00 00.
;; | return 03 01.
;; | 05 00 00 00.
;; | halt
(module (type $t (func (result i32))) (table 2 funcref) (elem (i32.const 1) $five)
  (func $five (result i32) i32.const 5)
  (func (export "f") (result i32) (call_indirect (type $t) (i32.const 1))))

;; First the page and the data are written. A store writes its bytes, a load what it finds: one byte of the data, and the sign comes in.
;; call f
;; gives 4294967210
;; | 01 00 00 00.
;; | 00 00 00 00.
;; | 01 00 00 00.
;; | 07 00 00 00.
;; | aa 00 00 00.
;; | aa.
;; | call 00 00.
;; | 02 00 00 00.
;; | 34 12 00 00.
;; | 34 12.
;; | 07 00 00 00.
;; | aa ff ff ff.
;; | return 0d 00.
;; | aa ff ff ff.
;; | halt
(module (memory 1) (data (i32.const 7) "\aa")
  (func (export "f") (result i32)
    (i32.store16 offset=1 (i32.const 2) (i32.const 0x1234))
    (i32.load8_s (i32.const 7))))

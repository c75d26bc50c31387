;; The memory has room for one page more: the first is added, the second is not.
;; call f
;; gives 4294967295
;; | 01 00 00 00.
;; | 00 00 00 00.
;; | 01 00 00 00.
;; | call 00 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | step
;; | 01 00 00 00.
;; | ff ff ff ff.
;; | 00 00 00 00.
;; | ff ff ff ff.
;; | return 0e 00.
;; | ff ff ff ff.
;; | halt
(module (memory 1 2) (func (export "f") (result i32) (drop (memory.grow (i32.const 1))) (memory.grow (i32.const 1))))

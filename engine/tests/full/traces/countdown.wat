;; A branch that is taken writes where it leads, one that is not writes `step`; so does the local that begins as 0.
;; call f 2
;; gives 2
;; | 02 00 00 00.
;; | 02 00 00 00.
;; | call 00 00.
;; | step
;; | 00 00 00 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | 02 00 00 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | jump 01 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | 02 00 00 00.
;; | 02 00 00 00.
;; | 01 00 00 00.
;; | 01 00 00 00.
;; | 00 00 00 00.
;; | 00 00 00 00.
;; | step
;; | 02 00 00 00.
;; | return 0f 00.
;; | 02 00 00 00.
;; | halt
(module (func (export "f") (param i32) (result i32) (local i32)
  (loop
    (local.set 1 (i32.add (local.get 1) (i32.const 1)))
    (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
  local.get 1))

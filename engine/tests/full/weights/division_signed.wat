;; Signed division: quotients and remainders; by zero and beyond the range it traps.
;; call div_s 3 300
;; call div_s -1000 7
;; call div_s 305419896 -19088744
;; call div_s -2147483648 -1
;; call div_s -1 -1
;; call div_s 0 5
;; call div_s 7 0
;; call div_s 2147483647 33
;; call div_s -559038737 13
;; call div_s -7 3
;; call div_s 255 256
;; call div_s 16777216 65536
;; call div_s -2147483648 1
;; call div_s 65535 65537
;; call rem_s 3 300
;; call rem_s -1000 7
;; call rem_s 305419896 -19088744
;; call rem_s -2147483648 -1
;; call rem_s -1 -1
;; call rem_s 0 5
;; call rem_s 7 0
;; call rem_s 2147483647 33
;; call rem_s -559038737 13
;; call rem_s -7 3
;; call rem_s 255 256
;; call rem_s 16777216 65536
;; call rem_s -2147483648 1
;; call rem_s 65535 65537
(module
  (func (export "div_s") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "rem_s") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1))))

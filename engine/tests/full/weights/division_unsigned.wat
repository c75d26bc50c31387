;; Unsigned division.
;; call div_u 3 300
;; call div_u -1000 7
;; call div_u 305419896 -19088744
;; call div_u -2147483648 -1
;; call div_u -1 -1
;; call div_u 0 5
;; call div_u 7 0
;; call div_u 2147483647 33
;; call div_u -559038737 13
;; call div_u -7 3
;; call div_u 255 256
;; call div_u 16777216 65536
;; call div_u -2147483648 1
;; call div_u 65535 65537
;; call rem_u 3 300
;; call rem_u -1000 7
;; call rem_u 305419896 -19088744
;; call rem_u -2147483648 -1
;; call rem_u -1 -1
;; call rem_u 0 5
;; call rem_u 7 0
;; call rem_u 2147483647 33
;; call rem_u -559038737 13
;; call rem_u -7 3
;; call rem_u 255 256
;; call rem_u 16777216 65536
;; call rem_u -2147483648 1
;; call rem_u 65535 65537
(module
  (func (export "div_u") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func (export "rem_u") (param i32 i32) (result i32) (i32.rem_u (local.get 0) (local.get 1))))

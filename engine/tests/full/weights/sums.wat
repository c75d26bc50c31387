;; Sums, differences and products.
;; call add 3 300
;; call add -1000 7
;; call add 305419896 -19088744
;; call add -2147483648 -1
;; call add -1 -1
;; call add 0 5
;; call add 7 0
;; call add 2147483647 33
;; call add -559038737 13
;; call add -7 3
;; call add 255 256
;; call add 16777216 65536
;; call add -2147483648 1
;; call add 65535 65537
;; call sub 3 300
;; call sub -1000 7
;; call sub 305419896 -19088744
;; call sub -2147483648 -1
;; call sub -1 -1
;; call sub 0 5
;; call sub 7 0
;; call sub 2147483647 33
;; call sub -559038737 13
;; call sub -7 3
;; call sub 255 256
;; call sub 16777216 65536
;; call sub -2147483648 1
;; call sub 65535 65537
;; call mul 3 300
;; call mul -1000 7
;; call mul 305419896 -19088744
;; call mul -2147483648 -1
;; call mul -1 -1
;; call mul 0 5
;; call mul 7 0
;; call mul 2147483647 33
;; call mul -559038737 13
;; call mul -7 3
;; call mul 255 256
;; call mul 16777216 65536
;; call mul -2147483648 1
;; call mul 65535 65537
(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "sub") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (func (export "mul") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1))))

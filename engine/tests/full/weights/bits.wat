;; Bits of two values.
;; call and 3 300
;; call and -1000 7
;; call and 305419896 -19088744
;; call and -2147483648 -1
;; call and -1 -1
;; call and 0 5
;; call and 7 0
;; call and 2147483647 33
;; call and -559038737 13
;; call and -7 3
;; call and 255 256
;; call and 16777216 65536
;; call and -2147483648 1
;; call and 65535 65537
;; call or 3 300
;; call or -1000 7
;; call or 305419896 -19088744
;; call or -2147483648 -1
;; call or -1 -1
;; call or 0 5
;; call or 7 0
;; call or 2147483647 33
;; call or -559038737 13
;; call or -7 3
;; call or 255 256
;; call or 16777216 65536
;; call or -2147483648 1
;; call or 65535 65537
;; call xor 3 300
;; call xor -1000 7
;; call xor 305419896 -19088744
;; call xor -2147483648 -1
;; call xor -1 -1
;; call xor 0 5
;; call xor 7 0
;; call xor 2147483647 33
;; call xor -559038737 13
;; call xor -7 3
;; call xor 255 256
;; call xor 16777216 65536
;; call xor -2147483648 1
;; call xor 65535 65537
(module
  (func (export "and") (param i32 i32) (result i32) (i32.and (local.get 0) (local.get 1)))
  (func (export "or") (param i32 i32) (result i32) (i32.or (local.get 0) (local.get 1)))
  (func (export "xor") (param i32 i32) (result i32) (i32.xor (local.get 0) (local.get 1))))

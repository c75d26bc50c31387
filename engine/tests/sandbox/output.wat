;; result: 7
;; outputs: -5 5000000000 0.5 -inf 255
(module
  (import "output" "i32" (func $i32 (param i32)))
  (import "output" "i64" (func $i64 (param i64)))
  (import "output" "f32" (func $f32 (param f32)))
  (import "output" "f64" (func $f64 (param f64)))
  (import "output" "byte" (func $byte (param i32)))
  (func (export "main") (result i32)
    (call $i32 (i32.const -5))
    (call $i64 (i64.const 5000000000))
    (call $f32 (f32.const 0.5))
    (call $f64 (f64.const -inf))
    (call $byte (i32.const 511))
    i32.const 7))

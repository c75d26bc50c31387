;; error: 6:5: type mismatch: expected i32, found f64
(module
  (func (export "main") (result i32)
    i32.const 1
    f64.const 2
    i32.add))

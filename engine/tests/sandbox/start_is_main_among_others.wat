;; result: 2
(module (func (export "other") (result i32) i32.const 1) (func (export "main") (result i32) i32.const 2))

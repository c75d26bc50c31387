;; error: 6:5: unknown instruction `i32.plus`
(module
  (func (export "main") (result i32)
    i32.const 1
    i32.const 2
    i32.plus))

;; trap: memory access out of bounds
(module (memory 1) (func (export "main") (result i32) i32.const 65533 i32.load))

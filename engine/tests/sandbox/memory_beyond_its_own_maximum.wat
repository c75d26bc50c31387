;; result: 1 -1
(module (memory 1 2) (func (export "main") (result i32 i32)
  (memory.grow (i32.const 1)) (memory.grow (i32.const 1))))

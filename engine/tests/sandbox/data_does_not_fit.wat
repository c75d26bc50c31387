;; trap: memory access out of bounds
(module (memory 1) (data (i32.const 65535) "ab") (func (export "main")))

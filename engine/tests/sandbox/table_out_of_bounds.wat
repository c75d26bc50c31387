;; trap: table access out of bounds
(module (table 1 funcref) (func (export "main") i32.const 1 call_indirect))

;; trap: indirect call of a table entry that is null
(module (table 1 funcref) (func (export "main") i32.const 0 call_indirect))

;; trap: indirect call with another type than the function has
(module (table funcref (elem $f)) (func $f (param i32)) (func (export "main") i32.const 0 call_indirect))

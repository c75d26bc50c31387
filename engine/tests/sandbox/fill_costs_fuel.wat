;; fuel: 1000
;; trap: out of fuel: the limit is 1000
(module (memory 512)
  (func (export "main") (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x2000000))))

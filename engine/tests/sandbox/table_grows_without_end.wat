;; trap: out of fuel: the limit is 10000000; before, it was refused memory beyond the limit of 64 MiB
(module (table $t 0 funcref)
  (func (export "main") (loop $again (drop (table.grow $t (ref.null func) (i32.const 100000))) (br $again))))

;; trap: out of fuel: the limit is 10000000; before, it was refused memory beyond the limit of 64 MiB
(module (memory 1)
  (func (export "main") (loop $again (drop (memory.grow (i32.const 16))) (br $again))))

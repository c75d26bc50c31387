;; invoke: sum
;; error: the module exports no function `sum`
(module (func (export "add")) (memory (export "sum") 1))

;; error: the module exports no function
(module (func) (memory (export "memory") 1))

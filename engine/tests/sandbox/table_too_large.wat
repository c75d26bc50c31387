;; error: the module asks for 106.8 MiB of memory at the start; the limit is 64 MiB
(module (table 7000000 funcref) (func (export "main")))

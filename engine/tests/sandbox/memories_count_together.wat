;; error: the module asks for 75 MiB of memory at the start; the limit is 64 MiB
(module (memory 600) (memory 600) (func (export "main")))

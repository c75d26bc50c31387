;; error: the module asks for 128 MiB of memory at the start; the limit is 64 MiB
(module (memory 2048) (func (export "main")))

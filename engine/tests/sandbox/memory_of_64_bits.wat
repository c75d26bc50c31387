;; error: the module asks for 1024 GiB of memory at the start; the limit is 64 MiB
(module (memory i64 0x1000000) (func (export "main")))

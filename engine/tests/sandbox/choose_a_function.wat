;; error: the module exports several functions: `a`, `b`
(module (func (export "a")) (func (export "b")))

;; trap: unreachable was executed
(module (func (export "main") unreachable))

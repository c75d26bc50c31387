;; result: 
(module (func (export "main")))

;; trap: out of fuel: the limit is 10000000
(module (func (export "main") (loop $again (br $again))))

;; trap: out of fuel: the limit is 10000000
(module (func $f (export "main") (return_call $f)))

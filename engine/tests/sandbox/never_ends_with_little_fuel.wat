;; fuel: 1000
;; trap: out of fuel: the limit is 1000
(module (func $f (export "main") (loop $again (br $again))))

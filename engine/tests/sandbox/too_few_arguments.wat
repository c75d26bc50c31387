;; args: 1
;; error: `add` takes 2 arguments, 1 given
(module (func (export "add") (param i32 i32)))

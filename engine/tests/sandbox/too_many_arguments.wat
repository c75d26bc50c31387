;; args: 1, 2
;; error: `id` takes 1 argument, 2 given
(module (func (export "id") (param i32)))

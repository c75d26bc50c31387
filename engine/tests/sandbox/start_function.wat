;; error: 5:10: the module has a start function
(module
  (func $first unreachable)
  (func (export "main"))
  (start $first))

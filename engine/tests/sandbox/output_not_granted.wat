;; grant: nothing
;; error: 4:4: the module imports the function `output.i32`, which is not granted
(module
  (import "output" "i32" (func $out (param i32)))
  (func (export "main")))

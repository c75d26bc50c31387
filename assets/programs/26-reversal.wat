;; A text reversed
;; Two addresses start at the ends of a text and walk towards each other. At each step the two bytes under them
;; change places, until they meet; then the text is printed.
;; call main ->
;; text "reward desserts"

(module
  (import "output" "byte" (func $put (param i32)))

  (memory 1)
  (data (i32.const 0) "stressed drawer")
  (global $length i32 (i32.const 15))

  ;; Reverses the bytes from $left to $right, both included.
  (func $reverse (param $left i32) (param $right i32)
    (local $byte i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $left) (local.get $right)))
        (local.set $byte (i32.load8_u (local.get $left)))
        (i32.store8 (local.get $left) (i32.load8_u (local.get $right)))
        (i32.store8 (local.get $right) (local.get $byte))
        (local.set $left (i32.add (local.get $left) (i32.const 1)))
        (local.set $right (i32.sub (local.get $right) (i32.const 1)))
        (br $next))))

  (func (export "main")
    (local $at i32)
    (call $reverse (i32.const 0) (i32.sub (global.get $length) (i32.const 1)))
    (loop $next
      (call $put (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (global.get $length))))))

;; Hello
;; A text lies in memory from address 0 on, and a byte that is 0 stands behind it. A loop puts out one byte after
;; the other until it comes to that one.
;; call main ->
;; text "Hello, world!\n"

(module
  (import "output" "byte" (func $put (param i32)))

  (memory 1)
  (data (i32.const 0) "Hello, world!\n\00")

  (func (export "main")
    (local $at i32)
    (local $byte i32)
    (loop $next
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (local.get $byte)
        (then
          (call $put (local.get $byte))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))))

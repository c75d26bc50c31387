;; Collatz sequence
;; An even number is halved, an odd one is tripled and 1 is added. Nobody knows whether every number from 1 on comes
;; to 1 that way; the function puts out each number on the path and returns how many steps it takes.
;; call collatz 6 -> 8
;; outputs 6 3 10 5 16 8 4 2 1
;; call collatz 1 -> 0
;; outputs 1
;; call collatz 7 -> 16
;; outputs 7 22 11 34 17 52 26 13 40 20 10 5 16 8 4 2 1
;; call collatz 0 -> 0
;; outputs 0

(module
  (import "output" "i32" (func $output (param i32)))

  (func (export "collatz") (param $n i32) (result i32)
    (local $steps i32)
    (loop $next
      (call $output (local.get $n))
      ;; 0 halves to 0 forever, so it ends here, too.
      (if (i32.gt_u (local.get $n) (i32.const 1))
        (then
          (local.set $n
            (if (result i32) (i32.and (local.get $n) (i32.const 1))
              (then (i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 1)))
              (else (i32.shr_u (local.get $n) (i32.const 1)))))
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (br $next))))
    (local.get $steps)))

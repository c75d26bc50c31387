;; Factorial
;; n! is n times (n - 1)!, and 0! is 1: the function calls itself, and each call waits in a frame of its own until
;; the one below it returns. 13! does not fit into 32 bits, so what comes back is its remainder modulo 2^32.
;; call factorial 5 -> 120
;; call factorial 0 -> 1
;; call factorial 12 -> 479001600
;; call factorial 13 -> 1932053504

(module
  (func $factorial (export "factorial") (param $n i32) (result i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (i32.const 1))
      (else
        (i32.mul
          (local.get $n)
          (call $factorial (i32.sub (local.get $n) (i32.const 1))))))))

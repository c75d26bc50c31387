;; Fibonacci numbers
;; Each is the sum of the two before it: 0, 1, 1, 2, 3, 5, 8. The loop keeps two of them and goes round n times; the
;; recursion asks for both again and again, and for n = 10 it takes 177 calls. Compare how long both run.
;; call fibonacci 10 -> 55
;; call recursive 10 -> 55
;; call fibonacci 0 -> 0
;; call fibonacci 47 -> -1323752223

(module
  (func (export "fibonacci") (param $n i32) (result i32)
    (local $this i32)
    (local $next i32)
    (local.set $next (i32.const 1))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        ;; Both new numbers are on the stack before either of the old ones is lost.
        (local.get $next)
        (i32.add (local.get $this) (local.get $next))
        (local.set $next)
        (local.set $this)
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $this))

  (func $recursive (export "recursive") (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else
        (i32.add
          (call $recursive (i32.sub (local.get $n) (i32.const 1)))
          (call $recursive (i32.sub (local.get $n) (i32.const 2))))))))

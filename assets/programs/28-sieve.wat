;; Sieve of Eratosthenes
;; A byte of memory stands for each number below n. What no smaller number has crossed out is a prime: it is put
;; out, and its multiples are crossed out. The memory begins empty and grows to the pages that n needs; the result
;; counts the primes.
;; call primes 50 -> 15
;; outputs 2 3 5 7 11 13 17 19 23 29 31 37 41 43 47
;; call primes 2 -> 0
;; call primes 3 -> 1
;; outputs 2
;; call primes 0 -> 0

(module
  (import "output" "i32" (func $output (param i32)))

  (memory 0)

  (func (export "primes") (param $n i32) (result i32)
    (local $number i32)
    (local $count i32)
    (call $reserve (local.get $n))
    (local.set $number (i32.const 2))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $number) (local.get $n)))
        (if (i32.eqz (i32.load8_u (local.get $number)))
          (then
            (call $output (local.get $number))
            (local.set $count (i32.add (local.get $count) (i32.const 1)))
            (call $cross_out (local.get $number) (local.get $n))))
        (local.set $number (i32.add (local.get $number) (i32.const 1)))
        (br $next)))
    (local.get $count))

  ;; Crosses out the multiples of a prime. Those below its square have a smaller factor and are crossed out already.
  (func $cross_out (param $prime i32) (param $n i32)
    (local $multiple i32)
    (local.set $multiple (i32.mul (local.get $prime) (local.get $prime)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $multiple) (local.get $n)))
        (i32.store8 (local.get $multiple) (i32.const 1))
        (local.set $multiple (i32.add (local.get $multiple) (local.get $prime)))
        (br $next))))

  ;; Has memory grow by the pages of 64 KiB that so many bytes take, the last one begun included.
  (func $reserve (param $bytes i32)
    (local $pages i32)
    (local.set $pages (i32.shr_u (i32.add (local.get $bytes) (i32.const 0xffff)) (i32.const 16)))
    ;; Where there is no room, the answer is -1.
    (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1))
      (then (unreachable)))))

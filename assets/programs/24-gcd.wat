;; Greatest common divisor
;; Euclid: what divides a and b also divides b and the remainder of a / b, so the pair shrinks until one of them is
;; 0. `reduce` returns two values, a fraction's numerator and denominator in lowest terms. `binary` finds the same
;; divisor without a division: it takes factors of 2 away, which are zeros at the end of a number, and subtracts.
;; call gcd 252 198 -> 18
;; call binary 252 198 -> 18
;; call reduce 84 36 -> 7 3
;; call gcd 0 5 -> 5

(module
  (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
    (loop $again
      (if (local.get $b)
        (then
          ;; a, b = b, a mod b
          (local.get $b)
          (i32.rem_u (local.get $a) (local.get $b))
          (local.set $b)
          (local.set $a)
          (br $again))))
    (local.get $a))

  (func (export "reduce") (param $a i32) (param $b i32) (result i32 i32)
    (local $common i32)
    (local.set $common (call $gcd (local.get $a) (local.get $b)))
    (i32.div_u (local.get $a) (local.get $common))
    (i32.div_u (local.get $b) (local.get $common)))

  (func (export "binary") (param $a i32) (param $b i32) (result i32)
    (local $twos i32)
    (local $swap i32)
    ;; With 0, the other number is the answer.
    (if (i32.eqz (local.get $a)) (then (return (local.get $b))))
    (if (i32.eqz (local.get $b)) (then (return (local.get $a))))
    ;; Factors of 2 that both have belong to the answer.
    (local.set $twos (i32.ctz (i32.or (local.get $a) (local.get $b))))
    (local.set $a (i32.shr_u (local.get $a) (i32.ctz (local.get $a))))
    (loop $again
      (local.set $b (i32.shr_u (local.get $b) (i32.ctz (local.get $b))))
      (if (i32.gt_u (local.get $a) (local.get $b))
        (then
          (local.set $swap (local.get $a))
          (local.set $a (local.get $b))
          (local.set $b (local.get $swap))))
      ;; Both are odd: the difference is even, and has the same common divisor with a.
      (br_if $again (local.tee $b (i32.sub (local.get $b) (local.get $a)))))
    (i32.shl (local.get $a) (local.get $twos))))

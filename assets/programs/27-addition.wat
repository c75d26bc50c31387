;; Addition of a text
;; The two numbers of "12345+6789" are read digit by digit, added, and printed digit by digit. Reading a number
;; returns two values, the number and the address behind it; so does a division, which gives quotient and remainder.
;; call main -> 19134
;; text "19134"

(module
  (import "output" "byte" (func $put (param i32)))

  (memory 1)
  (data (i32.const 0) "12345+6789\00")

  ;; Reads the digits from an address on: the number, and where the first byte stands that is no digit.
  (func $read (param $at i32) (result i32 i32)
    (local $number i32)
    (local $digit i32)
    (block $done
      (loop $next
        (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 0x30)))
        ;; Without a sign, what stands before "0" is a large number: one comparison finds all that is no digit.
        (br_if $done (i32.gt_u (local.get $digit) (i32.const 9)))
        (local.set $number
          (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $digit)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $number)
    (local.get $at))

  ;; Quotient and remainder.
  (func $divide (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_u (local.get $a) (local.get $b))
    (i32.rem_u (local.get $a) (local.get $b)))

  ;; Prints a number. The last digit is found first, so it waits until those before it are printed.
  (func $print (param $number i32)
    (local $digit i32)
    (call $divide (local.get $number) (i32.const 10))
    (local.set $digit)
    (local.set $number)
    (if (local.get $number)
      (then (call $print (local.get $number))))
    (call $put (i32.add (local.get $digit) (i32.const 0x30))))

  (func (export "main") (result i32)
    (local $sum i32)
    (call $read (i32.const 0))
    ;; On the stack are the first number and the address of "+"; the second number begins behind it.
    (i32.add (i32.const 1))
    (call $read)
    (drop)
    (i32.add)
    (call $print (local.tee $sum))
    (local.get $sum)))

;; CRC-32
;; The check sum of Ethernet, ZIP and PNG. Its 32 bits are shifted out one by one, eight for each byte of the text,
;; and a bit that is 1 changes those that stay. The answer has no sign; what is shown here is the same 32 bits with
;; one.
;; call crc32 0 9 -> -873187034
;; call crc32 16 43 -> 1095738169
;; call crc32 0 0 -> 0

(module
  (memory 1)
  (data (i32.const 0) "123456789")
  (data (i32.const 16) "The quick brown fox jumps over the lazy dog")

  ;; The check sum of $length bytes from the address $at on.
  (func (export "crc32") (param $at i32) (param $length i32) (result i32)
    (local $crc i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    ;; It begins with ones and is inverted at the end: otherwise zeros in front of a text would not count.
    (local.set $crc (i32.const -1))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (local.set $crc
          (call $eight_bits (i32.xor (local.get $crc) (i32.load8_u (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.xor (local.get $crc) (i32.const -1)))

  ;; Shifts the lowest eight bits out.
  (func $eight_bits (param $crc i32) (result i32)
    (local $left i32)
    (local.set $left (i32.const 8))
    (loop $next
      (local.set $crc
        (i32.xor
          (i32.shr_u (local.get $crc) (i32.const 1))
          ;; The check sum is what a division of polynomials leaves. This is the divisor, highest powers at the right.
          (select
            (i32.const 0xedb88320)
            (i32.const 0)
            (i32.and (local.get $crc) (i32.const 1)))))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $crc)))

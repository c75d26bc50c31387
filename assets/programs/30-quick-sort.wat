;; Quick sort
;; The last number is the pivot: what comes before it in the wanted order moves to the left of it, the rest to the
;; right, and both parts are sorted the same way. The order is a function in a table, called by its number there: 0
;; sorts upwards, 1 downwards, 2 by the distance from 0.
;; call sort 0 ->
;; outputs -300 -45 -7 2 3 10 28 64 99 1000
;; call sort 1 ->
;; outputs 1000 99 64 28 10 3 2 -7 -45 -300
;; call sort 2 ->
;; outputs 2 3 -7 10 28 -45 64 99 -300 1000

(module
  (import "output" "i32" (func $output (param i32)))

  ;; Whether the first number comes before the second.
  (type $order (func (param i32 i32) (result i32)))
  (table funcref (elem $upwards $downwards $by_distance))
  (global $chosen (mut i32) (i32.const 0))

  (memory 1)
  ;; 28, -7, 1000, 3, -300, 64, 2, -45, 99, 10: two bytes each, the lower one first.
  (data (i32.const 0)
    "\1c\00" "\f9\ff" "\e8\03" "\03\00" "\d4\fe"
    "\40\00" "\02\00" "\d3\ff" "\63\00" "\0a\00")
  (global $last i32 (i32.const 18))

  (func $upwards (param $a i32) (param $b i32) (result i32)
    (i32.lt_s (local.get $a) (local.get $b)))

  (func $downwards (param $a i32) (param $b i32) (result i32)
    (i32.gt_s (local.get $a) (local.get $b)))

  (func $by_distance (param $a i32) (param $b i32) (result i32)
    (i32.lt_u
      (i32.mul (local.get $a) (local.get $a))
      (i32.mul (local.get $b) (local.get $b))))

  (func (export "sort") (param $order i32)
    (local $at i32)
    (global.set $chosen (local.get $order))
    (call $quick_sort (i32.const 0) (global.get $last))
    (loop $next
      (call $output (i32.load16_s (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (br_if $next (i32.le_u (local.get $at) (global.get $last)))))

  ;; Sorts the numbers from the address $first to the address $last, both included.
  (func $quick_sort (param $first i32) (param $last i32)
    (local $middle i32)
    ;; With signs: the part to the left of address 0 ends at -2.
    (if (i32.lt_s (local.get $first) (local.get $last))
      (then
        (local.set $middle (call $part (local.get $first) (local.get $last)))
        (call $quick_sort (local.get $first) (i32.sub (local.get $middle) (i32.const 2)))
        (call $quick_sort (i32.add (local.get $middle) (i32.const 2)) (local.get $last)))))

  ;; Parts the numbers by the last of them, and says where that stands then.
  (func $part (param $first i32) (param $last i32) (result i32)
    (local $at i32)
    (local $pivot i32)
    (local.set $pivot (i32.load16_s (local.get $last)))
    (local.set $at (local.get $first))
    ;; What was looked at so far lies on both sides of $first: to the left of it what comes before the pivot.
    (loop $next
      (if (call_indirect (type $order)
            (i32.load16_s (local.get $at)) (local.get $pivot) (global.get $chosen))
        (then
          (call $swap (local.get $at) (local.get $first))
          (local.set $first (i32.add (local.get $first) (i32.const 2)))))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $last))))
    (call $swap (local.get $first) (local.get $last))
    (local.get $first))

  (func $swap (param $a i32) (param $b i32)
    (local $number i32)
    (local.set $number (i32.load16_u (local.get $a)))
    (i32.store16 (local.get $a) (i32.load16_u (local.get $b)))
    (i32.store16 (local.get $b) (local.get $number))))

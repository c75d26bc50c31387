;; Bubble sort
;; Two neighbours in the wrong order change places. A pass over all of them brings the largest number to the end, so
;; the next pass is one shorter; a pass without a change is the last one.
;; call main ->
;; outputs -8 -3 0 1 5 9 17 42

(module
  (import "output" "i32" (func $output (param i32)))

  (memory 1)
  ;; 5, -3, 42, 0, 17, -8, 9, 1: four bytes each, the lowest first.
  (data (i32.const 0)
    "\05\00\00\00" "\fd\ff\ff\ff" "\2a\00\00\00" "\00\00\00\00"
    "\11\00\00\00" "\f8\ff\ff\ff" "\09\00\00\00" "\01\00\00\00")
  (global $end i32 (i32.const 32))

  (func (export "main")
    (call $sort)
    (call $print))

  (func $sort
    (local $at i32)
    (local $last i32)
    (local $left i32)
    (local $right i32)
    (local $changed i32)
    (local.set $last (i32.sub (global.get $end) (i32.const 4)))
    (loop $pass
      (local.set $changed (i32.const 0))
      (local.set $at (i32.const 0))
      (loop $pair
        (local.set $left (i32.load (local.get $at)))
        (local.set $right (i32.load offset=4 (local.get $at)))
        (if (i32.gt_s (local.get $left) (local.get $right))
          (then
            (i32.store (local.get $at) (local.get $right))
            (i32.store offset=4 (local.get $at) (local.get $left))
            (local.set $changed (i32.const 1))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br_if $pair (i32.lt_u (local.get $at) (local.get $last))))
      ;; What the pass has left at $last stays there.
      (local.set $last (i32.sub (local.get $last) (i32.const 4)))
      (br_if $pass (i32.and (local.get $changed) (i32.ne (local.get $last) (i32.const 0))))))

  (func $print
    (local $at i32)
    (loop $next
      (call $output (i32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $at) (global.get $end))))))

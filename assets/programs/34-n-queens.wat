;; N queens
;; In how many ways can n queens stand on a board of n by n squares so that none attacks another? They are placed
;; row by row. Three numbers say which squares of the next row are attacked, a bit for each: down the columns, and
;; along the two diagonals, which move by one square with each row.
;; call queens 5 -> 10
;; call queens 6 -> 4
;; call queens 3 -> 0
;; call queens 1 -> 1

(module
  ;; A row with all of its squares.
  (global $all (mut i32) (i32.const 0))

  (func (export "queens") (param $n i32) (result i32)
    (global.set $all (i32.sub (i32.shl (i32.const 1) (local.get $n)) (i32.const 1)))
    (call $place (i32.const 0) (i32.const 0) (i32.const 0)))

  ;; In how many ways the rows that are left can be filled.
  (func $place (param $columns i32) (param $left i32) (param $right i32) (result i32)
    (local $free i32)
    (local $square i32)
    (local $ways i32)
    ;; A queen in each column is one in each row.
    (if (i32.eq (local.get $columns) (global.get $all))
      (then (return (i32.const 1))))
    (local.set $free
      (i32.and
        (global.get $all)
        (i32.xor
          (i32.const -1)
          (i32.or (local.get $columns) (i32.or (local.get $left) (local.get $right))))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $free)))
        ;; The lowest bit that is 1: a number and its negative have no higher one in common.
        (local.set $square
          (i32.and (local.get $free) (i32.sub (i32.const 0) (local.get $free))))
        (local.set $free (i32.xor (local.get $free) (local.get $square)))
        (local.set $ways
          (i32.add
            (local.get $ways)
            (call $place
              (i32.or (local.get $columns) (local.get $square))
              (i32.shl (i32.or (local.get $left) (local.get $square)) (i32.const 1))
              (i32.shr_u (i32.or (local.get $right) (local.get $square)) (i32.const 1)))))
        (br $next)))
    (local.get $ways)))

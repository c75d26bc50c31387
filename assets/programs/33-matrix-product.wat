;; Matrix product
;; Two matrices of three rows and three columns are multiplied: each number of the product is the sum of a row of
;; the first times a column of the second. The factors are bytes with a sign, the product's numbers take four bytes
;; each.
;; call main ->
;; outputs 26 -13 14 -22 51 13 31 22 37

(module
  (import "output" "i32" (func $output (param i32)))

  (memory 1)
  ;; The first matrix, a row a line.
  (data (i32.const 0)
    "\02\fd\04"  ;; 2 -3 4
    "\05\06\ff"  ;; 5 6 -1
    "\07\00\08") ;; 7 0 8
  ;; The second, from address 9 on.
  (data (i32.const 9)
    "\01\02\03"  ;; 1 2 3
    "\fc\07\00"  ;; -4 7 0
    "\03\01\02") ;; 3 1 2

  (func (export "main")
    (local $row i32)
    (local $column i32)
    (local $into i32)
    ;; Behind the two factors, at an address that is a multiple of 4.
    (local.set $into (i32.const 20))
    (loop $next_row
      (local.set $column (i32.const 9))
      (loop $next_column
        (i32.store (local.get $into) (call $dot (local.get $row) (local.get $column)))
        (call $output (i32.load (local.get $into)))
        (local.set $into (i32.add (local.get $into) (i32.const 4)))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $next_column (i32.lt_u (local.get $column) (i32.const 12))))
      (local.set $row (i32.add (local.get $row) (i32.const 3)))
      (br_if $next_row (i32.lt_u (local.get $row) (i32.const 9)))))

  ;; The row that begins at an address times the column that begins at another. From one number to the next it is a byte
  ;; in a row, and three bytes in a column.
  (func $dot (param $row i32) (param $column i32) (result i32)
    (local $sum i32)
    (local $left i32)
    (local.set $left (i32.const 3))
    (loop $next
      (local.set $sum
        (i32.add
          (local.get $sum)
          (i32.mul
            (i32.load8_s (local.get $row))
            (i32.load8_s (local.get $column)))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (local.set $column (i32.add (local.get $column) (i32.const 3)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (local.get $sum)))

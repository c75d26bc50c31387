;; Assignment problem
;; Rows shall get a column each, no two the same, so that the costs at these places have the smallest sum. The
;; Hungarian algorithm adds row after row: it looks for the cheapest way to a free column, on which rows may have to
;; change theirs, and keeps a price for each row and column by which it knows that no other choice is cheaper. It
;; puts out the column of each row, counted from 0, and returns the sum.
;; call main -> 223
;; outputs 1 7 9 5 8 6 0 2 4 3
;; call small -> 9
;; outputs 1 0 2

(module
  (import "output" "i32" (func $output (param i32)))

  (memory 1)
  ;; How many rows and columns there are, and the costs, row after row.
  (data (i32.const 1280) "3 9 2 7 6 4 3 5 8 1 ")
  (data (i32.const 0)
    "10 "
    "51 29 60 93 16 19 78 22 56 84 "
    "17 74 37 14 21 65 63 18 40 21 "
    "80 64 17 82 25 38 90 90 84 17 "
    "83 84 60 16 38 15 81 27 47 63 "
    "28 79 25 83 49 81 97 33 23 84 "
    "83 91 34 57 22 80 18 82 17 89 "
    "36 73 97 78 64 50 69 84 68 56 "
    "48 41 33 99 41 20 83 48 77 73 "
    "53 67 46 87 19 25 75 63 31 53 "
    "29 72 63 15 95 19 81 83 50 53 ")

  ;; Rows and columns are called 4, 8, ... 40 here, which is 4 bytes times their number: this added to the beginning of
  ;; an array is an address. 0 is no row, and a column that does not exist, in which a new row waits.
  ;;
  ;;   320  price of each row
  ;;   384  price of each column
  ;;   448  row that has a column
  ;;   512  column that a row has
  ;;   576  what a way to a column costs more than the cheapest one so far
  ;;   640  column before it on that way
  ;;   704  whether a column was reached
  ;;   768  costs, 44 bytes a row

  (global $at (mut i32) (i32.const 0))
  (global $last (mut i32) (i32.const 0))

  (func (export "main") (result i32)
    (call $solve (i32.const 0)))

  (func (export "small") (result i32)
    (call $solve (i32.const 1280)))

  ;; The numbers stand at an address.
  (func $solve (param $text i32) (result i32)
    (local $row i32)
    (global.set $at (local.get $text))
    (call $read)
    (loop $next
      (local.set $row (i32.add (local.get $row) (i32.const 4)))
      (call $add (local.get $row))
      (br_if $next (i32.lt_u (local.get $row) (global.get $last))))
    (call $answer))

  ;; Gives a row a column.
  (func $add (param $row i32)
    (local $column i32)
    (local $before i32)
    (call $forget)
    (i32.store offset=448 (i32.const 0) (local.get $row))
    (loop $search
      (i32.store offset=704 (local.get $column) (i32.const 1))
      (call $nearest (local.get $column))
      (call $change_prices)
      (local.set $column)
      ;; Until a column is free.
      (br_if $search (i32.load offset=448 (local.get $column))))
    ;; Back along the way: each column takes the row of the one before it, and the last one the row that waits.
    (loop $back
      (local.set $before (i32.load offset=640 (local.get $column)))
      (i32.store offset=448 (local.get $column) (i32.load offset=448 (local.get $before)))
      (br_if $back (local.tee $column (local.get $before)))))

  ;; Nothing is reached, and there is no way to anywhere.
  (func $forget
    (local $column i32)
    (loop $next
      (i32.store offset=576 (local.get $column) (i32.const 0x7fffffff))
      (i32.store offset=704 (local.get $column) (i32.const 0))
      (local.set $column (i32.add (local.get $column) (i32.const 4)))
      (br_if $next (i32.le_u (local.get $column) (global.get $last)))))

  ;; Looks on from a column that was reached just now: to which other column is the way cheapest, and how much more does
  ;; it cost?
  (func $nearest (param $from i32) (result i32 i32)
    (local $row i32)
    (local $column i32)
    (local $way i32)
    (local $least i32)
    (local $nearest i32)
    (local.set $row (i32.load offset=448 (local.get $from)))
    (local.set $least (i32.const 0x7fffffff))
    (local.set $column (i32.const 4))
    (loop $next
      (if (i32.eqz (i32.load offset=704 (local.get $column)))
        (then
          (local.set $way (call $over_price (local.get $row) (local.get $column)))
          (if (i32.lt_s (local.get $way) (i32.load offset=576 (local.get $column)))
            (then
              (i32.store offset=576 (local.get $column) (local.get $way))
              (i32.store offset=640 (local.get $column) (local.get $from))))
          (local.set $way (i32.load offset=576 (local.get $column)))
          (if (i32.lt_s (local.get $way) (local.get $least))
            (then
              (local.set $least (local.get $way))
              (local.set $nearest (local.get $column))))))
      (local.set $column (i32.add (local.get $column) (i32.const 4)))
      (br_if $next (i32.le_u (local.get $column) (global.get $last))))
    (local.get $nearest)
    (local.get $least))

  ;; By how much a place costs more than its row and column pay. That is never below 0, and 0 where a row has a column.
  (func $over_price (param $row i32) (param $column i32) (result i32)
    (i32.sub
      (i32.sub
        (call $cost (local.get $row) (local.get $column))
        (i32.load offset=320 (local.get $row)))
      (i32.load offset=384 (local.get $column))))

  (func $cost (param $row i32) (param $column i32) (result i32)
    (i32.load offset=768
      (i32.add
        (i32.mul (local.get $row) (i32.const 11))
        (local.get $column))))

  ;; Has the nearest column cost nothing more: rows on the ways so far pay so much more, and their columns less.
  (func $change_prices (param $by i32)
    (local $column i32)
    (loop $next
      (if (i32.load offset=704 (local.get $column))
        (then
          (call $raise
            (i32.add (i32.const 320) (i32.load offset=448 (local.get $column)))
            (local.get $by))
          (call $raise
            (i32.add (i32.const 384) (local.get $column))
            (i32.sub (i32.const 0) (local.get $by))))
        (else
          (call $raise
            (i32.add (i32.const 576) (local.get $column))
            (i32.sub (i32.const 0) (local.get $by)))))
      (local.set $column (i32.add (local.get $column) (i32.const 4)))
      (br_if $next (i32.le_u (local.get $column) (global.get $last)))))

  (func $raise (param $at i32) (param $by i32)
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $by))))

  ;; Puts out the column of each row, and adds up what they cost.
  (func $answer (result i32)
    (local $row i32)
    (local $column i32)
    (local $sum i32)
    (local.set $column (global.get $last))
    (loop $next
      (i32.store offset=512 (i32.load offset=448 (local.get $column)) (local.get $column))
      (br_if $next (local.tee $column (i32.sub (local.get $column) (i32.const 4)))))
    (local.set $row (i32.const 4))
    (loop $next
      (local.set $column (i32.load offset=512 (local.get $row)))
      (call $output (i32.sub (i32.shr_u (local.get $column) (i32.const 2)) (i32.const 1)))
      (local.set $sum
        (i32.add (local.get $sum) (call $cost (local.get $row) (local.get $column))))
      (local.set $row (i32.add (local.get $row) (i32.const 4)))
      (br_if $next (i32.le_u (local.get $row) (global.get $last))))
    (local.get $sum))

  ;; Reads the costs.
  (func $read
    (local $row i32)
    (local $column i32)
    (global.set $last (i32.shl (call $number) (i32.const 2)))
    (local.set $row (i32.const 4))
    (loop $next_row
      (local.set $column (i32.const 4))
      (loop $next_column
        (i32.store offset=768
          (i32.add (i32.mul (local.get $row) (i32.const 11)) (local.get $column))
          (call $number))
        (local.set $column (i32.add (local.get $column) (i32.const 4)))
        (br_if $next_column (i32.le_u (local.get $column) (global.get $last))))
      (local.set $row (i32.add (local.get $row) (i32.const 4)))
      (br_if $next_row (i32.le_u (local.get $row) (global.get $last)))))

  ;; Reads a number and the space behind it.
  (func $number (result i32)
    (local $number i32)
    (local $digit i32)
    (loop $next
      (local.set $digit (i32.sub (i32.load8_u (global.get $at)) (i32.const 48)))
      (global.set $at (i32.add (global.get $at) (i32.const 1)))
      (if (i32.lt_u (local.get $digit) (i32.const 10))
        (then
          (local.set $number
            (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $digit)))
          (br $next))))
    (local.get $number)))

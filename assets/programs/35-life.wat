;; Game of Life
;; A cell with three neighbours lives in the next generation, one with two stays as it is, all others are dead. A
;; glider crosses a board of 8 by 8 cells whose edges are joined; after four generations it has its form again, one
;; cell further down and to the right. A row is a byte, a bit for each cell, and stands in 32 bits four times over,
;; so that turning those moves it around the edge.
;; call life 4 ->
;; text "........\n........\n........\n........\n........\n......#.\n.......#\n.....###\n\n......#.\n........\n........\n........\n........\n........\n.....#.#\n......##\n\n......##\n........\n........\n........\n........\n........\n.......#\n.....#.#\n\n......##\n........\n........\n........\n........\n........\n......#.\n#......#\n\n#.....##\n........\n........\n........\n........\n........\n.......#\n#.......\n"
;; call life 0 ->
;; text "........\n........\n........\n........\n........\n......#.\n.......#\n.....###\n"

(module
  (import "output" "byte" (func $put (param i32)))

  (memory 1)
  ;; The board is the bytes from 0 to 7, a row each; the next generation is written to the eight behind them. The glider
  ;; begins in the last three rows.
  (data (i32.const 5)
    "\02"   ;; ......#.
    "\01"   ;; .......#
    "\07")  ;; .....###

  (func (export "life") (param $generations i32)
    (call $print)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $generations)))
        (call $generation)
        (call $put (i32.const 0x0a))
        (call $print)
        (local.set $generations (i32.sub (local.get $generations) (i32.const 1)))
        (br $next))))

  (func $generation
    (local $y i32)
    (loop $next
      (i32.store8 offset=8 (local.get $y)
        (call $row
          (call $wide (i32.sub (local.get $y) (i32.const 1)))
          (call $wide (local.get $y))
          (call $wide (i32.add (local.get $y) (i32.const 1)))))
      (local.set $y (i32.add (local.get $y) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $y) (i32.const 8))))
    ;; All rows are known: the new board takes the place of the old one, four rows at a time.
    (i32.store (i32.const 0) (i32.load (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 12))))

  ;; A row four times over. Row -1 is row 7, and row 8 is row 0.
  (func $wide (param $y i32) (result i32)
    (i32.mul
      (i32.load8_u (i32.and (local.get $y) (i32.const 7)))
      (i32.const 0x01010101)))

  ;; The next generation of a row, from the row above it, itself, and the one below it.
  (func $row (param $above i32) (param $here i32) (param $below i32) (result i32)
    (local $x i32)
    (local $count i32)
    (local $new i32)
    (loop $next
      ;; The highest cell and its two neighbours are the bits 6, 7 and 8. Those of three rows are nine cells.
      (local.set $count
        (i32.add
          (i32.popcnt (i32.and (local.get $above) (i32.const 0x1c0)))
          (i32.add
            (i32.popcnt (i32.and (local.get $here) (i32.const 0x1c0)))
            (i32.popcnt (i32.and (local.get $below) (i32.const 0x1c0))))))
      (local.set $new
        (i32.or
          (i32.shl (local.get $new) (i32.const 1))
          ;; With four of nine alive, a living cell has three neighbours and stays, a dead one has four and stays dead.
          ;; With three, the cell lives: it is one of them and has two neighbours, or it has three.
          (select
            (i32.and (i32.shr_u (local.get $here) (i32.const 7)) (i32.const 1))
            (i32.eq (local.get $count) (i32.const 3))
            (i32.eq (local.get $count) (i32.const 4)))))
      (local.set $above (i32.rotl (local.get $above) (i32.const 1)))
      (local.set $here (i32.rotl (local.get $here) (i32.const 1)))
      (local.set $below (i32.rotl (local.get $below) (i32.const 1)))
      (local.set $x (i32.add (local.get $x) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $x) (i32.const 8))))
    (local.get $new))

  (func $print
    (local $y i32)
    (local $x i32)
    (local $row i32)
    (loop $next_row
      (local.set $row (call $wide (local.get $y)))
      (local.set $x (i32.const 8))
      (loop $next_cell
        ;; The highest bit is the sign.
        (call $put
          (select (i32.const 0x23) (i32.const 0x2e) (i32.lt_s (local.get $row) (i32.const 0))))
        (local.set $row (i32.rotl (local.get $row) (i32.const 1)))
        (br_if $next_cell (local.tee $x (i32.sub (local.get $x) (i32.const 1)))))
      (call $put (i32.const 0x0a))
      (local.set $y (i32.add (local.get $y) (i32.const 1)))
      (br_if $next_row (i32.lt_u (local.get $y) (i32.const 8))))))

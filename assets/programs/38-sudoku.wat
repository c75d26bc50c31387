;; Sudoku
;; AI Escargot, a puzzle by Arto Inkala from 2006 that was called the hardest of all. For each row, column and box a
;; mask says which digits stand there. Of the empty cells the one with the fewest digits left is filled next; where
;; none is left, the last guess was wrong and the next digit is tried.
;; call main ->
;; text "162857493\n534129678\n789643521\n475312986\n913586742\n628794135\n356478219\n241935867\n897261354\n"

(module
  (import "output" "byte" (func $put (param i32)))

  (memory 1)
  (data (i32.const 0)
    "1....7.9."
    ".3..2...8"
    "..96..5.."
    "..53..9.."
    ".1..8...2"
    "6....4..."
    "3......1."
    ".4......7"
    "..7...3..")

  ;; From 96 on stand the masks of nine rows, from 132 on those of nine columns, from 168 on those of nine boxes. The
  ;; bit of a digit d has d zeros in front of it.
  ;;
  ;; From 256 on stands a list of the empty cells. An entry is four bytes: the addresses of the cell and of its three
  ;; masks. Entries of cells that have been filled come first.
  (global $end (mut i32) (i32.const 256))

  (func (export "main")
    (call $read)
    (if (call $solve (i32.const 256))
      (then (call $print))))

  ;; Fills the empty cells from an entry of the list on. Says whether there is a way.
  (func $solve (param $entry i32) (result i32)
    (local $left i32)
    (local $digit i32)
    (if (i32.eq (local.get $entry) (global.get $end))
      (then (return (i32.const 1))))
    (call $swap (local.get $entry) (call $tightest (local.get $entry)))
    (local.set $left (call $digits_left (local.get $entry)))
    (block $none
      (loop $next
        (br_if $none (i32.eqz (local.get $left)))
        ;; The smallest digit has the highest bit.
        (local.set $digit (i32.clz (local.get $left)))
        (local.set $left (i32.xor (local.get $left) (call $bit (local.get $digit))))
        (i32.store8
          (i32.load8_u (local.get $entry))
          (i32.add (local.get $digit) (i32.const 0x30)))
        (call $mark (local.get $entry) (call $bit (local.get $digit)))
        (if (call $solve (i32.add (local.get $entry) (i32.const 4)))
          (then (return (i32.const 1))))
        (call $mark (local.get $entry) (call $bit (local.get $digit)))
        (br $next)))
    (i32.const 0))

  ;; The entry with the fewest digits left, from one on.
  (func $tightest (param $entry i32) (result i32)
    (local $count i32)
    (local $fewest i32)
    (local $tightest i32)
    (local.set $fewest (i32.const 10))
    (loop $next
      (local.set $count (i32.popcnt (call $digits_left (local.get $entry))))
      (if (i32.lt_u (local.get $count) (local.get $fewest))
        (then
          (local.set $fewest (local.get $count))
          (local.set $tightest (local.get $entry))))
      (local.set $entry (i32.add (local.get $entry) (i32.const 4)))
      ;; With one digit left or none, there is no need to look further.
      (br_if $next
        (i32.and
          (i32.gt_u (local.get $fewest) (i32.const 1))
          (i32.ne (local.get $entry) (global.get $end)))))
    (local.get $tightest))

  ;; The digits that stand neither in the cell's row nor in its column or box.
  (func $digits_left (param $entry i32) (result i32)
    (i32.xor
      (i32.const 0x7fc00000)
      (i32.or
        (i32.load (i32.load8_u offset=1 (local.get $entry)))
        (i32.or
          (i32.load (i32.load8_u offset=2 (local.get $entry)))
          (i32.load (i32.load8_u offset=3 (local.get $entry)))))))

  (func $bit (param $digit i32) (result i32)
    (i32.shr_u (i32.const 0x80000000) (local.get $digit)))

  ;; Adds a digit to the cell's three masks, or takes it away again.
  (func $mark (param $entry i32) (param $bit i32)
    (call $flip (i32.load8_u offset=1 (local.get $entry)) (local.get $bit))
    (call $flip (i32.load8_u offset=2 (local.get $entry)) (local.get $bit))
    (call $flip (i32.load8_u offset=3 (local.get $entry)) (local.get $bit)))

  (func $flip (param $mask i32) (param $bit i32)
    (i32.store (local.get $mask) (i32.xor (i32.load (local.get $mask)) (local.get $bit))))

  ;; Has two entries change places.
  (func $swap (param $a i32) (param $b i32)
    (local $entry i32)
    (local.set $entry (i32.load (local.get $a)))
    (i32.store (local.get $a) (i32.load (local.get $b)))
    (i32.store (local.get $b) (local.get $entry)))

  ;; Lists the empty cells and marks the digits of all others.
  (func $read
    (local $cell i32)
    (local $row i32)
    (local $column i32)
    (loop $next_row
      (local.set $column (i32.const 0))
      (loop $next_column
        (call $enter (local.get $cell) (local.get $row) (local.get $column))
        (local.set $cell (i32.add (local.get $cell) (i32.const 1)))
        (local.set $column (i32.add (local.get $column) (i32.const 1)))
        (br_if $next_column (i32.lt_u (local.get $column) (i32.const 9))))
      (local.set $row (i32.add (local.get $row) (i32.const 1)))
      (br_if $next_row (i32.lt_u (local.get $row) (i32.const 9)))))

  (func $enter (param $cell i32) (param $row i32) (param $column i32)
    (local $digit i32)
    (local $box i32)
    (local.set $box
      (i32.add
        (i32.mul (i32.div_u (local.get $row) (i32.const 3)) (i32.const 3))
        (i32.div_u (local.get $column) (i32.const 3))))
    (i32.store8 (global.get $end) (local.get $cell))
    (i32.store8 offset=1 (global.get $end) (call $word (i32.const 96) (local.get $row)))
    (i32.store8 offset=2 (global.get $end) (call $word (i32.const 132) (local.get $column)))
    (i32.store8 offset=3 (global.get $end) (call $word (i32.const 168) (local.get $box)))
    (local.set $digit (i32.sub (i32.load8_u (local.get $cell)) (i32.const 0x30)))
    (if (i32.gt_s (local.get $digit) (i32.const 0))
      ;; The entry serves to mark the digit, and the next one is written over it.
      (then (call $mark (global.get $end) (call $bit (local.get $digit))))
      ;; A point comes before all digits.
      (else (global.set $end (i32.add (global.get $end) (i32.const 4))))))

  ;; The address of a word in an array.
  (func $word (param $array i32) (param $index i32) (result i32)
    (i32.add (local.get $array) (i32.shl (local.get $index) (i32.const 2))))

  (func $print
    (local $cell i32)
    (local $end i32)
    (loop $next_row
      (local.set $end (i32.add (local.get $cell) (i32.const 9)))
      (loop $next_column
        (call $put (i32.load8_u (local.get $cell)))
        (local.set $cell (i32.add (local.get $cell) (i32.const 1)))
        (br_if $next_column (i32.lt_u (local.get $cell) (local.get $end))))
      (call $put (i32.const 0x0a))
      (br_if $next_row (i32.lt_u (local.get $cell) (i32.const 81))))))

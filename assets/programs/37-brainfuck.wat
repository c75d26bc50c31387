;; Brainfuck
;; An interpreter for a language of eight commands, each one character: two move along a row of cells, two count in
;; the cell, two are a loop, one prints and one reads. A table of branches leads to what a command does, and a
;; bracket's partner is searched for each time it is needed. The program at address 0 greets, the one at 512 draws a
;; triangle.
;; call run 0 ->
;; text "Hello, World!\n"
;; call run 512 ->
;; text "*\n**\n***\n****\n"

(module
  (import "output" "byte" (func $put (param i32)))

  (memory 1)
  (data (i32.const 0)
    "++++++++++++"                     ;; twelve times
    "[>++++++>+++++++++>+++>+<<<<-]"   ;; 6, 9, 3 and 1: the cells are 72, 108, 36 and 12
    ">."                               ;; H
    ">-------."                        ;; e
    "+++++++..+++."                    ;; llo
    ">++++++++."                       ;; a comma
    "------------."                    ;; a space
    "<<+++++++++++++++."               ;; W, from H
    ">.+++.------.--------."           ;; orld
    ">+.>--.")                         ;; ! and the end of the line
  (data (i32.const 512)
    ">>>>++++++[<+++++++>-]"           ;; 42, which is a star
    "++++++++++"                       ;; 10, which ends a line
    "<<<<++++["                        ;; four lines,
    ">+"                               ;; each longer by one
    "[>+>.<<-]"                        ;; its stars, counted in the next cell
    ">[<+>-]"                          ;; and from there back again
    ">>.<<<<-]")

  ;; Runs the program at an address, up to a byte that is 0. The cells begin at 1024, and each is a byte.
  (func (export "run") (param $at i32)
    (local $cell i32)
    (local $command i32)
    (local.set $cell (i32.const 1024))
    (loop $next
      (local.set $command (i32.load8_u (local.get $at)))
      (if (i32.eqz (local.get $command)) (then (return)))
      ;; A branch out of a block leads behind its end, and there stands what its command does.
      (block $skip
        (block $close (block $open (block $right (block $left
        (block $dot (block $minus (block $comma (block $plus
          (br_table
            $plus $comma $minus $dot                         ;; + , - .
            $skip $skip $skip $skip $skip $skip $skip        ;; / 0 1 2 3 4 5
            $skip $skip $skip $skip $skip $skip              ;; 6 7 8 9 : ;
            $left $skip $right                               ;; < = >
            $skip $skip $skip $skip $skip $skip $skip        ;; ? @ A B C D E
            $skip $skip $skip $skip $skip $skip $skip        ;; F G H I J K L
            $skip $skip $skip $skip $skip $skip $skip        ;; M N O P Q R S
            $skip $skip $skip $skip $skip $skip $skip        ;; T U V W X Y Z
            $open $skip $close                               ;; [ \ ]
            $skip                                            ;; and all others, which are comments
            (i32.sub (local.get $command) (i32.const 0x2b))))
          ;; $plus
          (call $count (local.get $cell) (i32.const 1))
          (br $skip))
          ;; $comma: there is nothing to read, so the cell becomes 0.
          (i32.store8 (local.get $cell) (i32.const 0))
          (br $skip))
          ;; $minus
          (call $count (local.get $cell) (i32.const -1))
          (br $skip))
          ;; $dot
          (call $put (i32.load8_u (local.get $cell)))
          (br $skip))
          ;; $left
          (local.set $cell (i32.sub (local.get $cell) (i32.const 1)))
          (br $skip))
          ;; $right
          (local.set $cell (i32.add (local.get $cell) (i32.const 1)))
          (br $skip))
          ;; $open: a cell that is 0 ends the loop.
          (br_if $skip (i32.load8_u (local.get $cell)))
          (local.set $at (call $partner (local.get $at) (i32.const 1)))
          (br $skip))
          ;; $close: any other has it go on.
          (br_if $skip (i32.eqz (i32.load8_u (local.get $cell))))
          (local.set $at (call $partner (local.get $at) (i32.const -1))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))

  ;; Adds to a cell. Behind 255 comes 0, since no more than a byte is stored.
  (func $count (param $cell i32) (param $by i32)
    (i32.store8 (local.get $cell) (i32.add (i32.load8_u (local.get $cell)) (local.get $by))))

  ;; Walks from a bracket to its partner, forwards or backwards: there, as many are closed as were opened.
  (func $partner (param $at i32) (param $step i32) (result i32)
    (local $character i32)
    (local $open i32)
    (loop $next
      (local.set $character (i32.load8_u (local.get $at)))
      (local.set $open
        (i32.sub
          (i32.add (local.get $open) (i32.eq (local.get $character) (i32.const 0x5b)))
          (i32.eq (local.get $character) (i32.const 0x5d))))
      (if (local.get $open)
        (then
          (local.set $at (i32.add (local.get $at) (local.get $step)))
          (br $next))))
    (local.get $at)))

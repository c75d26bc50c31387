;; Blocks, branches, tables of branches, calls, recursion, calls through a table, several results, globals, output, select; and their traps.
;; call table 0
;; call table 1
;; call table 2
;; call table 3
;; call table -1
;; call indirect 0 5
;; call indirect 1 5
;; call indirect 2 5
;; call indirect 3 5
;; call indirect 4 5
;; call indirect 260 5
;; call indirect -1 5
;; call factorial 6
;; call swap 3 4
;; call select 0
;; call select 256
;; call count 3
;; call global 70000
;; call stop
;; call if 0
;; call if 1
(module
  (import "output" "i32" (func $output (param i32)))
  (type $unary (func (param i32) (result i32)))
  (type $binary (func (param i32 i32) (result i32)))
  (global $g (mut i32) (i32.const 0x1020304))
  (table 4 funcref)
  (elem (i32.const 0) $double $factorial)
  (elem (i32.const 2) $add)
  (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "table") (param i32) (result i32)
    (block (result i32)
      (block (result i32)
        (block (result i32) (br_table 0 1 2 (i32.const 9) (local.get 0)))
        (br 1 (i32.add (i32.const 1))))
      (i32.mul (i32.const 3))))
  (func (export "indirect") (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get 0)))
  (func $factorial (export "factorial") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.mul (local.get 0) (call $factorial (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 1))))
  (func $both (param i32 i32) (result i32 i32) (local.get 1) (local.get 0))
  (func (export "swap") (param i32 i32) (result i32 i32) (call $both (local.get 0) (local.get 1)))
  (func (export "select") (param i32) (result i32) (select (i32.const 1234567) (i32.const -2) (local.get 0)))
  (func (export "count") (param i32) (local i32)
    (loop $again
      (call $output (local.get 1))
      (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get 1) (local.get 0)))))
  (func (export "global") (param i32) (result i32 i32)
    (global.get $g) (global.set $g (local.get 0)) (global.get $g))
  (func (export "stop") unreachable)
  (func (export "if") (param i32) (result i32)
    (local i32) (nop)
    (if (i32.eqz (local.get 0)) (then (local.set 1 (i32.const 7))))
    (local.tee 1 (i32.add (local.get 1) (i32.const 1)))))

;; Shifts and rotations, by any amount.
;; call shl -559038737 0
;; call shl -559038737 1
;; call shl -559038737 7
;; call shl -559038737 8
;; call shl -559038737 9
;; call shl -559038737 13
;; call shl -559038737 16
;; call shl -559038737 21
;; call shl -559038737 24
;; call shl -559038737 31
;; call shl -559038737 32
;; call shl -559038737 -1
;; call shl 124076833 15
;; call shr_s -559038737 0
;; call shr_s -559038737 1
;; call shr_s -559038737 7
;; call shr_s -559038737 8
;; call shr_s -559038737 9
;; call shr_s -559038737 13
;; call shr_s -559038737 16
;; call shr_s -559038737 21
;; call shr_s -559038737 24
;; call shr_s -559038737 31
;; call shr_s -559038737 32
;; call shr_s -559038737 -1
;; call shr_s 124076833 15
;; call shr_u -559038737 0
;; call shr_u -559038737 1
;; call shr_u -559038737 7
;; call shr_u -559038737 8
;; call shr_u -559038737 9
;; call shr_u -559038737 13
;; call shr_u -559038737 16
;; call shr_u -559038737 21
;; call shr_u -559038737 24
;; call shr_u -559038737 31
;; call shr_u -559038737 32
;; call shr_u -559038737 -1
;; call shr_u 124076833 15
;; call rotl -559038737 0
;; call rotl -559038737 1
;; call rotl -559038737 7
;; call rotl -559038737 8
;; call rotl -559038737 9
;; call rotl -559038737 13
;; call rotl -559038737 16
;; call rotl -559038737 21
;; call rotl -559038737 24
;; call rotl -559038737 31
;; call rotl -559038737 32
;; call rotl -559038737 -1
;; call rotl 124076833 15
;; call rotr -559038737 0
;; call rotr -559038737 1
;; call rotr -559038737 7
;; call rotr -559038737 8
;; call rotr -559038737 9
;; call rotr -559038737 13
;; call rotr -559038737 16
;; call rotr -559038737 21
;; call rotr -559038737 24
;; call rotr -559038737 31
;; call rotr -559038737 32
;; call rotr -559038737 -1
;; call rotr 124076833 15
(module
  (func (export "shl") (param i32 i32) (result i32) (i32.shl (local.get 0) (local.get 1)))
  (func (export "shr_s") (param i32 i32) (result i32) (i32.shr_s (local.get 0) (local.get 1)))
  (func (export "shr_u") (param i32 i32) (result i32) (i32.shr_u (local.get 0) (local.get 1)))
  (func (export "rotl") (param i32 i32) (result i32) (i32.rotl (local.get 0) (local.get 1)))
  (func (export "rotr") (param i32 i32) (result i32) (i32.rotr (local.get 0) (local.get 1))))

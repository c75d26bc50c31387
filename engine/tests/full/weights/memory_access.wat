;; Loads and stores of every width, at addresses that carry, with offsets, of data, of what was never written, and beyond the end.
;; call round 255 305419896
;; call round 65533 -1
;; call round 65534 1
;; call round 4294967295 5
;; call narrow 254
;; call narrow 65535
;; call unset 70
;; call data 7
;; call data 2047
;; call far 65280
;; call far 4294901760
(module (memory 1)
  (data (i32.const 5) "\80\81\82\83\84\85\86\87\88")
  (data (i32.const 2045) "\f1\f2\f3\f4\f5\f6\f7\f8")
  (func (export "round") (param i32 i32) (result i32)
    (i32.store (local.get 0) (local.get 1)) (i32.load (local.get 0)))
  (func (export "narrow") (param i32) (result i32 i32 i32 i32)
    (i32.store8 (local.get 0) (i32.const 0x1fe)) (i32.store16 offset=1 (local.get 0) (i32.const 0x1fedc))
    (i32.load8_s (local.get 0)) (i32.load8_u (local.get 0))
    (i32.load16_s offset=1 (local.get 0)) (i32.load16_u offset=1 (local.get 0)))
  (func (export "unset") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "data") (param i32) (result i32 i32)
    (i32.load (local.get 0)) (i32.load16_s offset=2 (local.get 0)))
  (func (export "far") (param i32) (result i32) (i32.load8_u offset=0xffff (local.get 0))))

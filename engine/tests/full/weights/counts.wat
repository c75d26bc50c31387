;; Instructions with one operand; a local that was never set is 0.
;; call eqz 0
;; call eqz 1
;; call eqz -1
;; call eqz 128
;; call eqz 32768
;; call eqz 127
;; call eqz 65280
;; call eqz -2147483648
;; call eqz 305419896
;; call eqz 65536
;; call eqz_unset
;; call clz 0
;; call clz 1
;; call clz -1
;; call clz 128
;; call clz 32768
;; call clz 127
;; call clz 65280
;; call clz -2147483648
;; call clz 305419896
;; call clz 65536
;; call clz_unset
;; call ctz 0
;; call ctz 1
;; call ctz -1
;; call ctz 128
;; call ctz 32768
;; call ctz 127
;; call ctz 65280
;; call ctz -2147483648
;; call ctz 305419896
;; call ctz 65536
;; call ctz_unset
;; call popcnt 0
;; call popcnt 1
;; call popcnt -1
;; call popcnt 128
;; call popcnt 32768
;; call popcnt 127
;; call popcnt 65280
;; call popcnt -2147483648
;; call popcnt 305419896
;; call popcnt 65536
;; call popcnt_unset
;; call extend8_s 0
;; call extend8_s 1
;; call extend8_s -1
;; call extend8_s 128
;; call extend8_s 32768
;; call extend8_s 127
;; call extend8_s 65280
;; call extend8_s -2147483648
;; call extend8_s 305419896
;; call extend8_s 65536
;; call extend8_s_unset
;; call extend16_s 0
;; call extend16_s 1
;; call extend16_s -1
;; call extend16_s 128
;; call extend16_s 32768
;; call extend16_s 127
;; call extend16_s 65280
;; call extend16_s -2147483648
;; call extend16_s 305419896
;; call extend16_s 65536
;; call extend16_s_unset
(module
  (func (export "eqz") (param i32) (result i32) (i32.eqz (local.get 0)))
  (func (export "eqz_unset") (result i32) (local i32) (i32.eqz (local.get 0)))
  (func (export "clz") (param i32) (result i32) (i32.clz (local.get 0)))
  (func (export "clz_unset") (result i32) (local i32) (i32.clz (local.get 0)))
  (func (export "ctz") (param i32) (result i32) (i32.ctz (local.get 0)))
  (func (export "ctz_unset") (result i32) (local i32) (i32.ctz (local.get 0)))
  (func (export "popcnt") (param i32) (result i32) (i32.popcnt (local.get 0)))
  (func (export "popcnt_unset") (result i32) (local i32) (i32.popcnt (local.get 0)))
  (func (export "extend8_s") (param i32) (result i32) (i32.extend8_s (local.get 0)))
  (func (export "extend8_s_unset") (result i32) (local i32) (i32.extend8_s (local.get 0)))
  (func (export "extend16_s") (param i32) (result i32) (i32.extend16_s (local.get 0)))
  (func (export "extend16_s_unset") (result i32) (local i32) (i32.extend16_s (local.get 0))))

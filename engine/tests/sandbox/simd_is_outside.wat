;; error: 4:5: SIMD is outside what the sandbox runs
(module
  (func (export "main")
    v128.const i32x4 1 2 3 4
    drop))

;; result: -1 9007199254740993 0.1 NaN null
(module (func (export "main") (result i32 i64 f32 f64 funcref)
  i32.const -1 i64.const 9007199254740993 f32.const 0.1 f64.const nan ref.null func))

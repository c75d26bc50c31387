;; trap: a float that no integer represents was converted to one
(module (func (export "main") (result i32) f32.const nan i32.trunc_f32_s))

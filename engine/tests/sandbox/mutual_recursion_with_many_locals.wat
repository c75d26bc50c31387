;; trap: stack overflow: calls nest too deeply
(module
  (func $a (param i64) (local i64 i64 i64 i64 i64 i64 i64 i64) (call $b (i64.const 1)) (drop (local.get 3)))
  (func (export "main") (call $a (i64.const 0)))
  (func $b (param i64) (local i64 i64 i64 i64) (call $a (i64.const 2)) (drop (local.get 3))))

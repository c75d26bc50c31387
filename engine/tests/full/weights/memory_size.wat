;; The memory's size: it grows while there is room, and what is beyond can be written then.
;; call grow 1
;; call grow 2
;; call grow 3
;; call grow 70000
;; call grow -1
;; call write 65536
(module (memory 1 3)
  (func (export "grow") (param i32) (result i32 i32 i32)
    (memory.grow (local.get 0)) (memory.size) (memory.grow (i32.const 0)))
  (func (export "write") (param i32) (result i32)
    (drop (memory.grow (i32.const 1)))
    (i32.store (local.get 0) (i32.const -5)) (i32.load (local.get 0))))

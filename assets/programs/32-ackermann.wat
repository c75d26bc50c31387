;; Ackermann function
;; It grows faster than any function that is made of loops whose number of rounds is known when they begin. All it
;; does is add 1, subtract 1 and call itself, also for its own argument; watch how deep the calls go.
;; call ackermann 2 3 -> 9
;; call ackermann 3 2 -> 29
;; call ackermann 0 0 -> 1
;; call ackermann 1 7 -> 9

(module
  (func $ackermann (export "ackermann") (param $m i32) (param $n i32) (result i32)
    (if (i32.eqz (local.get $m))
      (then (return (i32.add (local.get $n) (i32.const 1)))))
    (call $ackermann
      (i32.sub (local.get $m) (i32.const 1))
      (if (result i32) (local.get $n)
        (then
          (call $ackermann
            (local.get $m)
            (i32.sub (local.get $n) (i32.const 1))))
        (else (i32.const 1))))))

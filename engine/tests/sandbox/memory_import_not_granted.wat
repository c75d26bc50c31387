;; error: 2:10: the module imports the memory `env.memory`, which is not granted
(module (import "env" "memory" (memory 1)) (func (export "main")))

;; error: 3:1: the text ends before the module does
(module (func (export "main")

;; error: the module exports no function
(module)

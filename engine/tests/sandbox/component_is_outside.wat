;; error: 2:2: components are outside what the sandbox runs
(component)

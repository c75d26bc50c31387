// A page that was set to dark must not flash white: this runs in the head, before anything is painted, and waits for
// nothing. The page stores the choice (app/page/src/shell/theme.rs).
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; then the theme follows the system.
}

// A page that was set to dark must not flash white: this runs in the head, before anything is painted, and waits for
// nothing. The page stores the choice (app/page/src/shell/theme.rs).
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; then the theme follows the system.
}

// Of what index.html shows before the page's module is there, only what belongs to the address is shown (assets/styles/shell.css).
if (/^#(\/|%2f)?embed(\/|%2f)/i.test(location.hash)) document.documentElement.dataset.early = "frame";
else if (!/^(#\/?(ask)?)?$/.test(location.hash)) document.documentElement.dataset.early = "elsewhere";

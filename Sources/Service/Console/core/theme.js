// A classic script, run before the first paint, so that no page flashes in the other theme.
try {
  document.documentElement.dataset.theme = localStorage.getItem("warden.theme") === "light" ? "light" : "dark";
} catch {
  // Storage may be forbidden: dark stays.
}

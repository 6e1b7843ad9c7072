/** What this browser remembers; a browser that forbids storage forgets. */
export function recall(key, fallback = null) {
  try {
    const text = localStorage.getItem("warden." + key);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

/** Returns false where nothing could be stored. */
export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem("warden." + key);
    else localStorage.setItem("warden." + key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The theme is stored as a bare word, since a script reads it before any module runs. */
export function toggleTheme() {
  const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("warden.theme", theme);
  } catch {
    // It holds until the page is left.
  }
}

// Starts the app: first the theme, so that nothing flashes, then the wasm. A file of its own, because the content
// security policy allows no inline script. The app itself writes the same three attributes when settings change.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const more = matchMedia("(prefers-contrast: more)");

function dress() {
  const theme = root.dataset.theme || "system";
  root.dataset.shade = theme === "dark" || (theme !== "light" && dark.matches) ? "dark" : "light";
  root.dataset.contrast = theme === "contrast" || (theme === "system" && more.matches) ? "more" : "normal";
  const paper = getComputedStyle(root).getPropertyValue("--paper").trim();
  if (paper) document.querySelector('meta[name="theme-color"]').content = paper;
}

try {
  root.dataset.theme = localStorage.getItem("doseline.theme") || "system";
  if (localStorage.getItem("doseline.simple") === "true") root.dataset.simple = "true";
} catch {
  root.dataset.theme = "system"; // no storage in this window: the system's theme will do
}
dress();
dark.addEventListener("change", dress);
more.addEventListener("change", dress);
new MutationObserver(dress).observe(root, { attributeFilter: ["data-theme"] });

// Keeps the app for a start with no network. The shell's window carries its files itself.
function keep() {
  if (!("serviceWorker" in navigator) || "__TAURI__" in window) return;
  // Without it the app works as long as there is a network.
  navigator.serviceWorker.register("/sw.js").catch((fault) => console.warn(fault));
}

import("/doseline.js")
  .then((app) => app.default({ module_or_path: "/doseline.wasm" }))
  .then(() => {
    document.getElementById("starting")?.remove();
    keep();
  })
  .catch((fault) => {
    console.error(fault);
    const word = document.querySelector("#starting .starting-word");
    if (word) word.textContent = "Doseline could not start. Check your connection, then load this page again.";
  });

// Keeps the app itself on the device, so that it opens with no network. What people record and read goes through /v1,
// which this file never answers and never keeps. `cargo xtask ui` writes the build and its files in here.
const NAME = "doseline-__DOSELINE_BUILD__";
const FILES = __DOSELINE_FILES__;
const PAGE = "/index.html";
// The worker itself must come from the network, or no new one would ever be found.
const SHELL = FILES.filter((path) => path !== "/sw.js" && !path.endsWith(".txt"));
// A network that neither answers nor fails must not keep the person before an empty page.
const PATIENCE_MILLIS = 3000;

self.addEventListener("install", (event) => {
  const keep = async () => {
    const cache = await caches.open(NAME);
    await cache.addAll(SHELL); // all or nothing: half an app is none
    await self.skipWaiting();
  };
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    const old = names.filter((name) => name.startsWith("doseline-") && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const ours = request.method === "GET" && origin === self.location.origin;
  if (!ours || pathname === "/v1" || pathname.startsWith("/v1/")) return;
  if (request.mode === "navigate") {
    event.respondWith(page(request));
  } else if (SHELL.includes(pathname)) {
    event.respondWith(kept(pathname, request));
  }
});

// The page from the network, so that a new build shows at once; the kept one where nothing sound comes in time.
async function page(request) {
  const cache = await caches.open(NAME);
  const shell = await cache.match(PAGE);
  if (!shell) return fetch(request);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MILLIS);
  try {
    const fresh = await fetch(request.url, { signal: stop.signal, credentials: "same-origin" });
    return fresh.status >= 500 ? shell : fresh;
  } catch {
    return shell;
  } finally {
    clearTimeout(timer);
  }
}

// A file of this build never changes.
async function kept(pathname, request) {
  const cache = await caches.open(NAME);
  return (await cache.match(pathname)) ?? fetch(request);
}

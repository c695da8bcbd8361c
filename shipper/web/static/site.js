"use strict";
(() => {
  const root = document.documentElement;
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* a file: page may not store */ } },
  };

  const themes = ["auto", "light", "dark"];
  const showTheme = (name) => {
    root.dataset.theme = name;
    document.getElementById("theme-name").textContent = name;
  };
  const saved = store.get("shipper-theme");
  showTheme(themes.includes(saved) ? saved : "auto");
  document.getElementById("theme").addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
    showTheme(next);
    store.set("shipper-theme", next);
  });

  const tip = document.getElementById("tip");
  const hide = () => { tip.hidden = true; };
  const show = (target, x, y) => {
    tip.textContent = "";
    for (const part of target.getAttribute("aria-label").split("; ")) {
      const line = document.createElement("div");
      line.textContent = part;
      tip.append(line);
    }
    tip.hidden = false;
    const room = 12;
    const left = Math.min(x + room, window.innerWidth - tip.offsetWidth - room);
    const top = y + room + tip.offsetHeight > window.innerHeight ? y - room - tip.offsetHeight : y + room;
    tip.style.setProperty("left", `${Math.max(0, left)}px`);
    tip.style.setProperty("top", `${Math.max(0, top)}px`);
  };
  document.addEventListener("pointermove", (event) => {
    const mark = event.target instanceof Element ? event.target.closest("svg [role='graphics-symbol'][aria-label]") : null;
    if (mark) { show(mark, event.clientX, event.clientY); } else { hide(); }
  });
  document.addEventListener("scroll", hide, { passive: true });

  const live = () => document.querySelector("[data-refresh]");
  const seconds = () => Number(live()?.dataset.refresh ?? 0);
  let last = Date.now();
  const busy = () => {
    const active = document.activeElement;
    return document.hidden || (active && active.closest("form")) || document.querySelector("details[open].menu");
  };
  const refresh = async () => {
    last = Date.now();
    const address = new URL(location.href);
    address.searchParams.set("fragment", "1");
    address.searchParams.set("width", String(window.innerWidth));
    const main = document.getElementById("main");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const text = await answer.text();
      if (busy()) { return; }
      const fresh = new DOMParser().parseFromString(text, "text/html");
      const open = new Set([...main.querySelectorAll("details[open][id]")].map((item) => item.id));
      const scrolled = new Map([...main.querySelectorAll(".scroll[id]")].map((item) => [item.id, item.scrollTop]));
      main.replaceChildren(...fresh.body.childNodes);
      for (const id of open) { const item = document.getElementById(id); if (item) { item.open = true; } }
      for (const [id, top] of scrolled) { const item = document.getElementById(id); if (item) { item.scrollTop = top; } }
      delete root.dataset.offline;
    } catch {
      root.dataset.offline = "true";
    }
  };
  if (location.protocol.startsWith("http")) {
    const drawnFor = Number(document.querySelector("[data-width]")?.dataset.width ?? window.innerWidth);
    if (Math.abs(drawnFor - Math.min(window.innerWidth, 1760)) > 120) { void refresh(); }
    setInterval(() => {
      const every = seconds();
      if (every > 0 && Date.now() - last >= every * 1000 && !busy()) { void refresh(); }
    }, 500);
  }

  document.addEventListener("change", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form[data-live]") : null;
    if (form && event.target.matches("select, input[type='checkbox'], input[type='radio']")) { form.requestSubmit(); }
  });
})();

// Looks every few seconds whether the page would be another, and shows it; the page is whole without this.
"use strict";
const EVERY = 5000;
const main = document.getElementById("main");
const live = document.getElementById("live");
let tag = "";

function tell(text) {
  // Screen readers say what changes here, so it changes only when there is news.
  if (live.textContent !== text) live.textContent = text;
}

function busy() {
  // Nobody looks, or somebody is about to copy.
  const selection = document.getSelection();
  return document.hidden || (selection && !selection.isCollapsed);
}

function show(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
  if (fresh === null) throw new Error("not a page of ours");
  if (fresh.innerHTML === main.innerHTML) return;
  const focused = main.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  main.replaceChildren(...fresh.childNodes);
  if (focused === null) return;
  const again = [...main.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
  (again || main).focus({ preventScroll: true });
}

async function look() {
  try {
    if (!busy()) {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(location.href, { headers, cache: "no-store", redirect: "error" });
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(String(answer.status));
        show(await answer.text());
        tag = answer.headers.get("ETag") || "";
      }
      tell("Live: looks every 5 seconds.");
    }
  } catch {
    tell("No answer: what you see may be old.");
  }
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);

"use strict";
// One picture at a time, for as long as its button is held. Whatever else happens hides it again.
(() => {
  const HOLD_MS = 400; // a stray click shows nothing
  const ASSISTED_MS = 5000; // switches and voice control can click and cannot hold
  let waiting = 0;
  let hide = () => {};

  const end = () => {
    clearTimeout(waiting);
    hide();
    hide = () => {};
  };

  const show = (button) => {
    end();
    const image = button.parentNode.querySelector("img");
    const blurred = image.src;
    const clear = button.dataset.clear;
    if (!/^[A-Za-z0-9+/]+=*$/.test(clear)) return;
    hide = () => {
      image.src = blurred;
      button.setAttribute("aria-pressed", "false");
    };
    image.src = "data:image/png;base64," + clear;
    button.setAttribute("aria-pressed", "true");
  };

  const begin = (button) => {
    end();
    waiting = setTimeout(() => show(button), HOLD_MS);
  };

  for (const button of document.querySelectorAll("button.hold")) {
    button.hidden = false;
    button.addEventListener("pointerdown", (event) => {
      if (event.button === 0) begin(button);
    });
    for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"]) {
      button.addEventListener(name, end);
    }
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return end();
      event.preventDefault(); // no click, no scrolling
      if (!event.repeat) begin(button);
    });
    button.addEventListener("keyup", (event) => {
      event.preventDefault(); // where the click comes with the release
      end();
    });
    button.addEventListener("click", (event) => {
      if (event.detail !== 0) return; // a mouse's or a finger's
      show(button);
      waiting = setTimeout(end, ASSISTED_MS);
    });
  }
  for (const name of ["blur", "pagehide", "beforeprint", "scroll"]) {
    window.addEventListener(name, end);
  }
  document.addEventListener("visibilitychange", end);
})();

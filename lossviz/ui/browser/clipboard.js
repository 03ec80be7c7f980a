// Copying where the browser has no clipboard: it gives none to a page on plain http, such as a teacher's own server.
// Streamlit's buttons ask for it there in vain, and say nothing.
async function writeText(text) {
  const copied = document.createElement("textarea");
  const focused = document.activeElement;
  copied.value = text;
  // Where it stands in the page, the page would scroll to it.
  copied.style.position = "fixed";
  document.body.append(copied);
  copied.select();
  const done = document.execCommand("copy");
  copied.remove();
  focused?.focus({ preventScroll: true });
  if (!done) throw new DOMException("The browser does not copy.", "NotAllowedError");
}

if (!navigator.clipboard) {
  Object.defineProperty(navigator, "clipboard", { value: { writeText } });
  // A click in code selects all of it, ready to be copied by hand; a hand that drags selects what it wants.
  document.addEventListener("click", ({ target }) => {
    const code = target instanceof Element && target.closest('[data-testid="stCode"] code');
    if (code && getSelection().isCollapsed) getSelection().selectAllChildren(code);
  });
}

// The view for a projector takes the whole screen where the browser lets it, and the key Escape leaves it.
// A browser gives its screen only to a page that is being pressed, so the server cannot ask for it.
const leaveProjector = () => document.querySelector(".st-key-projector-leave button");

document.addEventListener("click", ({ target }) => {
  if (!(target instanceof Element)) return;
  if (target.closest(".st-key-projector-enter button")) {
    // Where it is refused, the view is as large as the window.
    document.documentElement.requestFullscreen?.().catch(() => {});
  } else if (target.closest(".st-key-projector-leave button") && document.fullscreenElement) {
    document.exitFullscreen().catch(() => {});
  }
}, true);

// Escape ends the browser's full screen without telling the page which key it was.
document.addEventListener("fullscreenchange", () => {
  if (!document.fullscreenElement) leaveProjector()?.click();
});

document.addEventListener("keydown", ({ key, target }) => {
  const busy = target instanceof Element && target.closest("input:not([type=range]), [data-baseweb=popover]");
  if (key === "Escape" && !busy && !document.fullscreenElement) leaveProjector()?.click();
});

// Tells the other scripts when a picture with sliders comes and goes.
// Streamlit makes a picture anew whenever its width or the theme changes: it takes the old one out of the page and puts
// another in its place.
const PICTURE = '[class*="st-key-picture-"]';
const SLIDERS = "form.vega-bindings";

const pictureWatchers = { added: [], removed: [] };

function pictureKey(node) {
  const holder = node.closest(PICTURE);
  return holder && [...holder.classList].find((name) => name.startsWith("st-key-picture-"));
}

function tell(watchers, nodes, parent) {
  for (const node of nodes) {
    if (node.nodeType !== Node.ELEMENT_NODE) continue;
    for (const form of node.matches(SLIDERS) ? [node] : node.querySelectorAll(SLIDERS)) {
      const key = pictureKey(form) ?? pictureKey(parent);
      if (key) watchers.forEach((watcher) => watcher(form, key));
    }
  }
}

function watchPictures() {
  tell(pictureWatchers.added, [document.body], document.body);
  new MutationObserver((records) => {
    for (const { target, addedNodes, removedNodes } of records) {
      tell(pictureWatchers.removed, removedNodes, target);
      tell(pictureWatchers.added, addedNodes, target);
    }
  }).observe(document.body, { childList: true, subtree: true });
}

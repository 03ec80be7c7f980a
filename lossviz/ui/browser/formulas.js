// A formula that is wider than its column can be scrolled with the keyboard too: it takes part in the order of Tab.
const formulaWidths = new ResizeObserver((records) => {
  for (const { target } of records) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

new MutationObserver((records) => {
  for (const { addedNodes } of records) {
    for (const node of addedNodes) {
      if (!(node instanceof HTMLElement)) continue;
      for (const formula of node.matches(".katex-display") ? [node] : node.querySelectorAll(".katex-display"))
        formulaWidths.observe(formula);
    }
  }
}).observe(document.body, { childList: true, subtree: true });

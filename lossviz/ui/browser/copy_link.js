// The page's address goes to the clipboard; where that fails, a field shows it selected, to be copied by hand.
const STAYS = 2000; // milliseconds that a word of success is shown

function sayCopied(button) {
  const { left, bottom } = button.getBoundingClientRect();
  const said = document.createElement("div");
  said.className = "lossviz-copied";
  said.setAttribute("role", "status");
  said.style.left = `${left}px`;
  said.style.top = `${bottom}px`;
  document.body.append(said);
  said.textContent = "Link copied";
  setTimeout(() => said.remove(), STAYS);
}

document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest(".st-key-copy-link button");
  if (!button) return;
  const address = location.href;
  navigator.clipboard.writeText(address).then(() => sayCopied(button), () => prompt("The link of this page:", address));
});

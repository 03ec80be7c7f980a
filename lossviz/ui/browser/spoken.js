// For those who hear the page: a slider says its value with the loss, and when the hand rests torch's answer is told.
// Vega's sliders say a bare number, and Streamlit tells nobody that a number on the page has changed.
const READING = '[aria-roledescription="reading"]';
const NUMBERS = ".st-key-torch-numbers";
const REST = 500; // milliseconds without a change

// What is hidden from a class stays unsaid.
const guessing = () => document.querySelector(".st-key-projector-reveal") !== null;

function sayLoss(slider) {
  const reading = slider.closest(PICTURE)?.querySelector(READING);
  // At once, or an old loss would be said of a new value.
  slider.setAttribute("aria-valuetext", slider.value);
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (reading?.isConnected && !guessing())
      slider.setAttribute("aria-valuetext", `${slider.value}, ${reading.textContent}`);
  }));
}

for (const event of ["input", "focusin"]) {
  document.addEventListener(event, ({ target }) => {
    if (target instanceof Element && target.matches(`${SLIDERS} input[type=range]`)) sayLoss(target);
  });
}

const told = document.createElement("div");
told.className = "lossviz-told";
told.setAttribute("role", "status");
document.body.append(told);

let resting;
function atRest() {
  clearTimeout(resting);
  resting = setTimeout(() => {
    // Vega draws the picture after its sliders, on a busy machine long after.
    if (!document.querySelector(`${PICTURE} svg .role-mark`)) return atRest();
    tellNumbers();
    nameParts();
    hushEmptyMarks();
  }, REST);
}

const numbers = new MutationObserver(atRest);

function tellNumbers() {
  const metrics = [...document.querySelectorAll(`${NUMBERS} [data-testid=stMetric]`)];
  if (!metrics.length || guessing()) return;
  const parts = ["stMetricLabel", "stMetricValue"].map((part) => `[data-testid=${part}]`);
  const said = metrics.map((metric) => parts.map((part) => metric.querySelector(part)?.textContent).join(" "));
  told.textContent = `torch says: ${said.join(", ")}`;
}

// Vega announces a mark that is not there now, such as a zone out of sight, as a picture without a name.
function hushEmptyMarks() {
  for (const mark of document.querySelectorAll(`${PICTURE} svg [role=graphics-symbol]:not([aria-label])`)) {
    if (mark.childElementCount) mark.removeAttribute("aria-hidden");
    else mark.setAttribute("aria-hidden", "true");
  }
}

function nameParts() {
  for (const slider of document.querySelectorAll(`${PICTURE} ${SLIDERS} input[type=range]`)) {
    // Its value stands in its label too, and would be said twice.
    slider.setAttribute("aria-label", slider.closest("label").querySelector(".vega-bind-name").textContent.trim());
    sayLoss(slider);
  }
  // Streamlit puts the whole description of the picture behind the name of every button.
  for (const button of document.querySelectorAll(`${PICTURE} [data-testid=stElementToolbar] button`))
    button.setAttribute("aria-label", button.getAttribute("aria-label").split(": ")[0]);
}

pictureWatchers.added.push(() => {
  numbers.disconnect();
  const shown = document.querySelector(NUMBERS);
  if (shown) numbers.observe(shown, { childList: true, characterData: true, subtree: true });
  atRest();
});

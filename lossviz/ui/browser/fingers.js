// A finger in a picture: it drags what it takes hold of, taps like a mouse, and otherwise scrolls the page.
const NEAR = 30; // pixels from the middle of a handle
const STILL = 8; // pixels that a finger moves without meaning it

// The finger that has touched a picture and has not yet shown what it wants.
let undecided = null;
// The finger that drags.
let dragging = null;

function handleAt(svg, x, y) {
  let nearest = null;
  let least = NEAR;
  for (const mark of svg.querySelectorAll('[aria-roledescription="handle"]')) {
    const box = mark.getBoundingClientRect();
    const middle = { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
    const distance = Math.hypot(middle.x - x, middle.y - y);
    if (distance < least) [nearest, least] = [middle, distance];
  }
  return nearest;
}

function send(type, { pointerId, pointerType }, { x, y }, target) {
  const pressed = type === "pointerdown" ? 1 : 0;
  const how = { pointerId, pointerType, isPrimary: true, button: 0, buttons: pressed, bubbles: true, cancelable: true };
  const event = new PointerEvent(type, { ...how, clientX: x, clientY: y, view: window });
  event.lossviz = true;
  target?.dispatchEvent(event);
}

function press(event, place) {
  dragging = event.pointerId;
  send("pointerdown", event, place, document.elementFromPoint(place.x, place.y));
}

function pictureUnder(event) {
  return event.target instanceof Element ? event.target.closest(PICTURE) && event.target.closest("svg") : null;
}

document.addEventListener("pointerdown", (event) => {
  if (event.lossviz || event.pointerType === "mouse" || !event.isPrimary) return;
  const svg = pictureUnder(event);
  if (!svg?.closest(".vega-embed")) return;
  // All moves of a finger go to the mark that it pressed first, and Vega would take the knob's value from that mark.
  if (event.target.hasPointerCapture(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
  event.stopImmediatePropagation();
  const handle = handleAt(svg, event.clientX, event.clientY);
  if (handle) press(event, handle);
  else {
    // What is moved across only can be dragged from anywhere: a finger that goes up and down scrolls the page.
    // Vega keeps a mark's cursor with its item, and shows it for a mouse alone.
    const across = event.target.__data__?.cursor === "ew-resize";
    undecided = { id: event.pointerId, x: event.clientX, y: event.clientY, across };
  }
}, true);

document.addEventListener("pointermove", (event) => {
  if (event.lossviz || undecided?.id !== event.pointerId) return;
  event.stopImmediatePropagation();
  const across = Math.abs(event.clientX - undecided.x);
  const up = Math.abs(event.clientY - undecided.y);
  if (!undecided.across || across < STILL || across < up) return;
  undecided = null;
  press(event, { x: event.clientX, y: event.clientY });
}, true);

document.addEventListener("pointerup", (event) => {
  if (event.lossviz) return;
  if (undecided?.id === event.pointerId) {
    const moved = Math.hypot(event.clientX - undecided.x, event.clientY - undecided.y);
    if (moved < STILL) press(event, { x: event.clientX, y: event.clientY });
    undecided = null;
  }
  if (dragging === event.pointerId) dragging = null;
}, true);

document.addEventListener("pointercancel", (event) => {
  if (undecided?.id === event.pointerId) undecided = null;
  if (dragging !== event.pointerId) return;
  dragging = null;
  // Vega waits for the end of a drag, and knows no other.
  send("pointerup", event, { x: event.clientX, y: event.clientY }, window);
}, true);

// A finger that has taken hold of a handle moves it in any direction, where the page would scroll.
pictureWatchers.added.push((form) => {
  form.closest(".vega-embed")?.addEventListener("touchstart", (event) => {
    const svg = event.target instanceof Element && event.target.closest("svg");
    const [finger] = event.touches;
    if (svg && event.touches.length === 1 && handleAt(svg, finger.clientX, finger.clientY)) event.preventDefault();
  }, { passive: false });
});

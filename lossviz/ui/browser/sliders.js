// What a hand has set stays when Streamlit makes a picture anew: the new one would start where the server last set it.
// Only the last picture is remembered. One that the server sets anew has another key.
let lastPicture = { key: "", values: new Map() };

pictureWatchers.removed.push((form, key) => {
  const sliders = [...form.querySelectorAll("input[type=range]")];
  lastPicture = { key, values: new Map(sliders.map(({ name, value }) => [name, value])) };
});

pictureWatchers.added.push((form, key) => {
  if (key !== lastPicture.key) return;
  for (const slider of form.querySelectorAll("input[type=range]")) {
    const value = lastPicture.values.get(slider.name);
    if (value === undefined || value === slider.value) continue;
    slider.value = value;
    // Vega, the picture and the server follow as they follow a hand.
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

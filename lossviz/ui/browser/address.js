// The address follows a panel without a new entry in the browser's history: Back leads to where one was before.
// Streamlit adds an entry for every change of the address.
const addEntry = history.pushState.bind(history);
const lossIn = ({ search }) => new URLSearchParams(search).get("loss");

history.pushState = (state, title, address) => {
  const asked = new URL(address, location.href);
  const samePage = asked.pathname === location.pathname;
  const samePanel = samePage && [null, lossIn(asked)].includes(lossIn(location));
  if (samePanel) history.replaceState(state, title, address);
  else addEntry(state, title, address);
};

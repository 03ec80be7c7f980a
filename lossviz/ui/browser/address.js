// The address follows a panel without a new entry in the browser's history: Back leads to where one was before.
// Streamlit adds an entry for every change of the address. `panelPages` are the names of the pages that have a panel.
const addEntry = history.pushState.bind(history);
const lossIn = ({ search }) => new URLSearchParams(search).get("loss");

history.pushState = (state, title, address) => {
  const asked = new URL(address, location.href);
  const onPanel = panelPages.includes(location.pathname.split("/").pop());
  const samePanel = asked.pathname === location.pathname && [null, lossIn(asked)].includes(lossIn(location));
  if (onPanel && samePanel) history.replaceState(state, title, address);
  else addEntry(state, title, address);
};

"use strict";
// The search in the samples. Without it the page shows all samples; nothing is loaded or sent.
(() => {
  const form = document.querySelector("#search");
  const status = document.querySelector("#found");
  const samples = [...document.querySelectorAll("#documents > .document")];
  if (!form || !samples.length) return;
  const folded = (text) => text.normalize("NFKC").toLowerCase();
  const texts = samples.map((sample) => folded(sample.textContent));
  const highlights = typeof Highlight === "function" && CSS.highlights;

  const ranges = (sample, query) => {
    const found = [];
    const walker = document.createTreeWalker(sample, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() && found.length < 200) {
      const node = walker.currentNode;
      const text = node.data.toLowerCase();
      if (text.length !== node.data.length) continue; // a letter that lower case makes two of
      for (let start = text.indexOf(query); start >= 0; start = text.indexOf(query, start + query.length)) {
        const range = new Range();
        range.setStart(node, start);
        range.setEnd(node, start + query.length);
        found.push(range);
      }
    }
    return found;
  };

  const search = () => {
    const { words, language, state } = Object.fromEntries(new FormData(form));
    const query = folded(words.trim());
    const marked = [];
    let shown = 0;
    samples.forEach((sample, index) => {
      const fits = texts[index].includes(query)
        && (!language || sample.dataset.language === language)
        && (!state || sample.dataset.state === state);
      sample.hidden = !fits;
      if (!fits) return;
      shown += 1;
      if (query && highlights && marked.length < 2000) marked.push(...ranges(sample, query));
    });
    if (highlights) CSS.highlights.set("found", new Highlight(...marked));
    status.textContent = `${shown} of ${samples.length} samples shown`;
  };

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 150);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  form.addEventListener("reset", () => setTimeout(search));
  for (const button of form.querySelectorAll("button[data-open]")) {
    button.addEventListener("click", () => {
      for (const sample of samples) if (!sample.hidden) sample.open = button.dataset.open === "yes";
    });
  }
  form.hidden = false;
  const given = "#search=";
  if (location.hash.startsWith(given)) { // report.html#search=words
    try {
      form.elements.words.value = decodeURIComponent(location.hash.slice(given.length));
    } catch {} // no percent-encoding
    document.querySelector("#documents").scrollIntoView();
  }
  search();
})();

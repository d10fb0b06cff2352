// Puts the live page in the place of each element that waits for this script. MARK is put in front.

// Light or dark, as the theme asks, or as the host is for now; `then` is called when that changes.
function coloured(root, theme, then = () => {}) {
  const isDark = () => {
    const {jpThemeLight, vscodeThemeKind} = document.body.dataset;
    if (theme === "dark") return true;
    if (jpThemeLight) return jpThemeLight === "false";
    if (vscodeThemeKind) return /dark|contrast$/.test(vscodeThemeKind);
    const said = [document.documentElement, document.body]
      .flatMap(element => [element.getAttribute("theme"), element.dataset.theme])
      .find(theme => theme === "dark" || theme === "light");
    if (said) return said === "dark";
    return matchMedia("(prefers-color-scheme: dark)").matches;
  };
  let was;
  const colour = () => {
    const dark = isDark();
    if (dark === was) return;
    root.classList.toggle("dark", was = dark);
    then();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", colour);
  const watched = new MutationObserver(colour);
  [document.documentElement, document.body].forEach(element =>
    watched.observe(element, {attributes: true}));
  colour();
}

function find(mount) {
  const all = () => {
    for (const host of document.querySelectorAll(`[data-gategrad-script="${MARK}"]`)) {
      if (!host.gategrad) host.gategrad = mount(host);
    }
  };
  all();
  // A host may run the script before it puts the element into the page.
  [0, 300, 1500].forEach(delay => setTimeout(all, delay));
}

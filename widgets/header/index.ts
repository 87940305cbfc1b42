/**
 * The bar at the top of a page by keyboard. Its two labels, which open menu and search on a phone without a script, become buttons that
 * say whether they are open; what had the focus before a search gets it back. Stands at the end of the theme's script (hooks/theme.py).
 */
function button(name: string, words: string): [HTMLButtonElement, HTMLInputElement] {
  const label = document.querySelector(`.md-header__button[for=__${name}]`)!, box = document.querySelector<HTMLInputElement>(`#__${name}`)!;
  const made = document.createElement("button");
  made.type = "button";
  made.className = `${label.className} ${name}-button`;
  made.ariaLabel = words;
  made.append(...label.children);
  const tell = () => { made.ariaExpanded = String(box.checked); };
  box.addEventListener("change", tell);
  tell();
  label.replaceWith(made);
  return [made, box];
}

const [menu, drawer] = button("drawer", "Menu");
menu.onclick = ({ detail }) => {
  drawer.click();
  if (detail || !drawer.checked) return; // pressed by keyboard: on into it, to the level that lies on top
  const level = [...document.querySelectorAll(".md-nav--primary, .md-nav--primary .md-nav__toggle:checked ~ .md-nav")].pop();
  [...level?.querySelectorAll("a") ?? []].some((link) => (link.focus(), link === document.activeElement));
};
addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !drawer.checked) return;
  drawer.click();
  menu.focus();
});

const [opener, search] = button("search", "Search");
const query = document.querySelector<HTMLInputElement & { from?: EventTarget | null }>(".md-search__input")!;
query.addEventListener("focus", ({ relatedTarget }) => {
  if (!search.checked) query.from = relatedTarget;
}, true); // before the theme opens it
opener.onclick = () => {
  query.focus();
  query.from = opener; // Safari's buttons do not take the focus when pressed
};

export {};

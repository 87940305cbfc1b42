/** What widgets build pages from: elements, drawings, buttons; scripts that bring data, and files for the reader. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A part of an SVG drawing. */
export function draw(tag: string, attributes: Record<string, string | number>, text = ""): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.textContent = text;
  return element;
}

export function button(words: string, act: () => void, attributes: Record<string, string> = {}): HTMLButtonElement {
  const made = make("button", { type: "button", ...attributes }, words);
  made.addEventListener("click", act);
  return made;
}

const asked = new Map<string, Promise<void>>();

/** A classic script, once a page; after a failure the next call asks again. */
export function script(address: string): Promise<void> {
  const begun = asked.get(address) ?? new Promise<void>((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = () => resolve();
    element.onerror = () => {
      asked.delete(address);
      element.remove();
      reject(new Error(`${address} did not load`));
    };
    document.head.append(element);
  });
  asked.set(address, begun);
  return begun;
}

/** Hands a text to the reader as a file. */
export function download(text: string, file: string, type: string): void {
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` })), download: file });
  document.body.append(link); // instant navigation listens on the document, and lets a link with `download` alone
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

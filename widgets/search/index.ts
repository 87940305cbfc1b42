// The search worker: takes the place of the theme's, and speaks as it does.
//
// In: {type: 0, data: {docs}} once, then {type: 2, data: query}. Out: {type: 1} when ready, then {type: 3, data: {items}}, where
// an item is a list of entries that the theme shows together. Ours are one entry each: results are sections, best first.
import { Engine, escaped, marked, teaser, type Section } from "./engine";

type Message = { type: 0; data: { docs: Section[] } } | { type: 2; data: string };

let engine: Engine | undefined;

function answer(message: Message): object {
  if (message.type === 0) {
    engine = new Engine(message.data.docs);
    return { type: 1 };
  }
  const items = (engine?.search(message.data) ?? []).map(({ section, score, terms, matched }) => {
    const page = section.page ? ` <small>${escaped(section.page)}</small>` : "";
    return [{ location: section.location, title: marked(section.title, matched) + page, text: teaser(section.text, matched), score, terms }];
  });
  return { type: 3, data: { items } };
}

addEventListener("message", (event: MessageEvent<Message>) => {
  (postMessage as (message: object) => void)(answer(event.data));
});

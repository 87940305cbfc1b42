/** The last days as bars. The table beside it says the same in words, so the picture is named and nothing more. */
import { draw, make } from "../dom";
import { dateOf } from "../store";

const WIDTH = 448, HEIGHT = 240, FOOT = 38, HEAD = 18;
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });

export function bars(days: { day: number; count: number }[]): HTMLElement {
  const most = Math.max(1, ...days.map(({ count }) => count)), step = WIDTH / days.length, floor = HEIGHT - FOOT;
  const title = draw("title", { id: "progress-bars" }, `Things done on each of the last ${days.length} days, at most ${most}; the table beside it gives the numbers`);
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": title.id });
  svg.append(title, draw("line", { x1: 0, x2: WIDTH, y1: floor, y2: floor, class: "floor" }));
  days.forEach(({ day, count }, index) => {
    const tall = ((floor - HEAD) * count) / most, middle = (index + 0.5) * step, date = dateOf(day), first = index === 0 || date.getUTCDate() === 1;
    if (count) {
      svg.append(draw("rect", { x: index * step + 4, y: floor - tall, width: step - 8, height: tall, class: "bar" }),
        draw("text", { x: middle, y: floor - tall - 5, class: "count" }, String(count)));
    }
    svg.append(draw("text", { x: middle, y: HEIGHT - 22, class: "date" }, String(date.getUTCDate())));
    if (first) svg.append(draw("text", { x: middle, y: HEIGHT - 6, class: "date" }, MONTH.format(date)));
  });
  return make("figure", {}, svg);
}

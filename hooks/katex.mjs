// Render formulas: one JSON request a line in, one JSON answer a line out, in order. Lives as long as the build.
import { createInterface } from "node:readline";
import katex from "katex";

const settings = { output: "htmlAndMathml", strict: "error", throwOnError: true, trust: false };
for await (const line of createInterface({ input: process.stdin })) {
  const { tex, display } = JSON.parse(line);
  let answer;
  try {
    const html = katex.renderToString(tex, { ...settings, displayMode: display });
    answer = { html: html.replaceAll("z\nMM", "z\nM") }; // KaTeX 0.19.1 writes a tall floor's second path with two M
  } catch (error) {
    answer = { error: error.message.replace(/^KaTeX parse error: /, "") };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}

/** The same order for the same seed: a question comes back in another order on another day. */
export function shuffled<T>(from: readonly T[], seed: string): T[] {
  let state = 2166136261;
  for (const character of seed) state = Math.imul(state ^ character.charCodeAt(0), 16777619);
  const found = [...from];
  for (let last = found.length - 1; last > 0; last--) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x297a2d39 | 0;
    const place = ((state ^ (state >>> 13)) >>> 0) % (last + 1);
    [found[last], found[place]] = [found[place]!, found[last]!];
  }
  return found;
}
